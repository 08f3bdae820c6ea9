package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

func TestTheEnvironmentsOfThisRepositoryLoad(t *testing.T) {
	names, err := config.Environments(".")
	require.NoError(t, err)
	require.Equal(t, []string{"dev", "prod", "staging"}, names)
	for _, name := range names {
		loaded, err := config.Load(config.Options{Dir: ".", Environment: name})
		require.NoError(t, err)
		require.Equal(t, name, loaded.Environment)
	}
}

func TestDevIsCheapWhenIdleAndProdIsSafe(t *testing.T) {
	dev, err := config.Load(config.Options{Dir: ".", Environment: "dev"})
	require.NoError(t, err)
	require.Equal(t, config.EgressNATInstance, dev.Config.Network.Egress)
	require.Equal(t, config.RemovalDestroy, dev.Config.State.Removal)
	for name, w := range dev.Config.Workers {
		require.Zero(t, w.Scale.Minimum+w.Scale.OnDemandBase, name)
		require.Empty(t, w.Scale.Schedule, name)
	}
	for name, s := range dev.Config.Services {
		require.Zero(t, *s.Scale.Minimum+*s.Scale.OnDemandBase, name)
	}
	prod, err := config.Load(config.Options{Dir: ".", Environment: "prod"})
	require.NoError(t, err)
	require.Len(t, prod.Config.AWS.Zones, 3)
	require.Equal(t, 3, prod.Config.Network.NATGateways)
	require.Equal(t, config.RemovalRetain, prod.Config.State.Removal)
	require.True(t, *prod.Config.State.Protect)
	require.True(t, prod.Config.API.WAF)
}

// files is this repository's configuration with further files.
func files(t testing.TB, more map[string]string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, name := range []string{"base.yaml", "dev.yaml", "staging.yaml", "prod.yaml"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all[name] = &fstest.MapFile{Data: text}
	}
	for name, text := range more {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func TestOneFileIsAnEnvironment(t *testing.T) {
	for name, text := range map[string]string{
		"an almost empty one": "# the same as base\n",
		"one elsewhere":       "aws: { region: eu-central-1, zones: [eu-central-1a, eu-central-1b] }\nbudget: { monthlyUsd: 50 }\n",
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(config.Options{FS: files(t, map[string]string{"qa.yaml": text}), Environment: "qa"})
			require.NoError(t, err)
			require.Equal(t, "qa", loaded.Environment)
		})
	}
}

func TestSixLinesAreAWorker(t *testing.T) {
	loaded, err := config.Load(config.Options{FS: files(t, map[string]string{"qa.yaml": `
workers:
  transcriber:
    image: { build: examples/transcriber }
    capacity: single
    timeout: 30m
`}), Environment: "qa"})
	require.NoError(t, err)
	w := loaded.Config.Workers["transcriber"]
	require.Equal(t, 1, *w.GPU)
	require.Equal(t, 3, w.MaxAttempts)
	require.Equal(t, config.ModeServer, w.Mode)
	require.Equal(t, 10, w.Scale.Maximum)
	require.Len(t, w.Priorities, 3)
	require.Positive(t, w.Memory)
	require.Positive(t, w.CPU)
}

func TestAMissingEnvironmentNamesThoseThatExist(t *testing.T) {
	tests := map[string]struct {
		environment string
		files       map[string]string
		want        string
	}{
		"a slip":                        {"prdo", nil, `the folder config has dev, prod, staging; did you mean "prod"?`},
		"another word":                  {"canary", nil, "the folder config has dev, prod, staging"},
		"none":                          {"", nil, "no environment was named: the folder config has dev, prod, staging"},
		"base":                          {"base", nil, "not one of them"},
		"a path":                        {"../dev", nil, "dev, prod, staging"},
		"the other ending":              {"qa", map[string]string{"qa.yml": ""}, "rename it to qa.yaml"},
		"a name that no stack may have": {"Big_One", map[string]string{"Big_One.yaml": ""}, "rename config/Big_One.yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(config.Options{FS: files(t, test.files), Environment: test.environment})
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := config.Load(config.Options{FS: fstest.MapFS{}, Environment: "dev"})
	require.ErrorContains(t, err, "write config/dev.yaml")
	_, err = config.Load(config.Options{Dir: "nowhere", Environment: "dev"})
	require.ErrorContains(t, err, "nowhere")
}

func TestAnOriginIsTheLineThatWon(t *testing.T) {
	loaded, err := config.Load(config.Options{
		FS: fstest.MapFS{
			"base.yaml": {Data: []byte("name: shop\naws:\n  region: us-east-1\n  zones: [us-east-1a]\nworkers:\n  a:\n    image: { build: a }\n    gpu: 0\n    timeout: 1h\nproviders:\n  b: { type: bedrock }\nmodels:\n  gpt-4.1:\n    routes: [{ provider: b, model: m }]\n")},
			"dev.yaml":  {Data: []byte("workers:\n  a:\n    timeout: 2h\n")},
		},
		Environment: "dev",
		Set:         []string{"workers.a.concurrency=4"},
	})
	require.NoError(t, err)
	for path, want := range map[string]string{
		"aws.region":            "config/base.yaml:3",
		"aws.zones[0]":          "config/base.yaml:4",
		"workers.a":             "config/base.yaml:6",
		"workers.a.image.build": "config/base.yaml:7",
		"workers.a.timeout":     "config/dev.yaml:3",
		"workers.a.concurrency": "command line",
		"workers.a.maxAttempts": "default",
		"workers.a.command":     "config/base.yaml:6",
		"workers.nobody":        "config/base.yaml:5",
		config.Path("models", "gpt-4.1") + ".routes[0]": "config/base.yaml:14",
		"a path..that is none":                          "config/base.yaml:1",
	} {
		require.Equal(t, want, loaded.Origin(path).String(), path)
	}
	require.Equal(t, 4, loaded.Config.Workers["a"].Concurrency)
}

func TestAnOverrideIsReadAsYAML(t *testing.T) {
	loaded, err := overlay(strings.Join([]string{
		"# set: aws.account=000000000000",
		"# set: aws.zones=[us-east-1c, us-east-1d]",
		"# set: workers.thumbs.environment.BATCH=16",
		"# set: workers.thumbs.environment.QUOTED='yes'",
		"# set: workers.thumbs.environment.URL=http://a/?b=c#d",
		"# set: workers.thumbs.scale={minimum: 1, maximum: 2}",
		"# set: workers.thumbs.stopTimeout=30s",
		"# set: workers.thumbs.stopTimeout=40s",
		"# set: observability.email=null",
		`# set: models."gpt-4.1".routes=[{provider: openai, model: gpt-4.1}]`,
		"# set: api.waf=true",
	}, "\n"))
	require.NoError(t, err)
	c := loaded.Config
	require.Equal(t, "000000000000", c.AWS.Account)
	require.Equal(t, []string{"us-east-1c", "us-east-1d"}, c.AWS.Zones)
	require.Equal(t, map[string]string{"BATCH": "16", "QUOTED": "yes", "URL": "http://a/?b=c#d"}, c.Workers["thumbs"].Environment)
	require.Equal(t, 2, c.Workers["thumbs"].Scale.Maximum)
	require.Equal(t, "40s", c.Workers["thumbs"].StopTimeout.String())
	require.Empty(t, c.Observability.Email)
	require.Contains(t, c.Models, "gpt-4.1")
	require.True(t, c.API.WAF)
}

func TestYAMLAsEditorsWriteItIsRead(t *testing.T) {
	loaded, err := overlay("\ufeffname: shop\r\nx: null\r\n")
	require.ErrorContains(t, err, `unknown key "x"`)
	require.Nil(t, loaded)

	loaded, err = overlay("\ufeffaws:\r\n  zones: [us-east-1c, us-east-1d]\r\n")
	require.NoError(t, err)
	require.Equal(t, []string{"us-east-1c", "us-east-1d"}, loaded.Config.AWS.Zones)

	loaded, err = overlay(`
workers:
  first: &common
    image: { build: a }
    capacity: single
    timeout: 1h
  second:
    <<: *common
    timeout: 2h
  third: *common
`)
	require.NoError(t, err)
	require.Equal(t, "2h", loaded.Config.Workers["second"].Timeout.String())
	require.Equal(t, "a", loaded.Config.Workers["third"].Image.Build)
}

func TestAliasesCannotBlowAFileUp(t *testing.T) {
	text := "tags:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		c := string(rune('a' + i))
		text += "  " + string(rune('b'+i)) + ": &" + string(rune('b'+i)) + " [" + strings.Repeat("*"+c+",", 10) + "]\n"
	}
	_, err := overlay(text)
	require.ErrorContains(t, err, "values once aliases are followed")
}

func TestAMistakeInBaseIsReportedThere(t *testing.T) {
	all := files(t, map[string]string{"qa.yaml": "name: QA\n"})
	all["base.yaml"].Data = []byte(strings.Replace(string(all["base.yaml"].Data), "egress: nat-gateway", "egress: none", 1))
	_, err := config.Load(config.Options{FS: all, Environment: "qa"})
	require.ErrorContains(t, err, "config/base.yaml:16:11: network.egress must be one of")
	require.ErrorContains(t, err, "config/qa.yaml:1:7: name is")
}

func TestAFileThatIsNotYAMLHidesNoOtherMistakeAndInventsNone(t *testing.T) {
	_, err := config.Load(config.Options{
		FS: fstest.MapFS{
			"base.yaml": {Data: []byte("name: [shop\naws:\n")},
			"qa.yaml":   {Data: []byte("workers:\n  a:\n    timout: 1h\n    capacity: single\n")},
		},
		Environment: "qa",
	})
	var wrong *config.Error
	require.ErrorAs(t, err, &wrong)
	require.Len(t, wrong.Problems, 2, "%v", err)
	require.Contains(t, wrong.Problems[0].Message, "YAML syntax")
	require.Equal(t, "workers.a.timout", wrong.Problems[1].Path)
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := config.Load(config.Options{Dir: ".", Environment: "prod"}); err != nil {
			b.Fatal(err)
		}
	}
}
