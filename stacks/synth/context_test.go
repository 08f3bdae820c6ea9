package synth

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheContextComesFromTheCommandLineOrElseFromTheFile(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "cdk.json"), []byte(`{"context": {"flag": true, "env": "dev"}}`), 0o644))
	for name, test := range map[string]struct {
		environ, arguments []string
		want               map[string]any
	}{
		"the file alone":                      {nil, nil, map[string]any{"flag": true, "env": "dev"}},
		"an argument wins over the file":      {nil, []string{"-c", "env=prod"}, map[string]any{"flag": true, "env": "prod"}},
		"the long form of an argument":        {nil, []string{"--context=env=prod"}, map[string]any{"flag": true, "env": "prod"}},
		"a value may hold an equals sign":     {nil, []string{"-c", "set.tags.a=b=c"}, map[string]any{"flag": true, "env": "dev", "set.tags.a": "b=c"}},
		"the CDK's command line wins over it": {[]string{`CDK_CONTEXT_JSON={"env":"staging"}`}, nil, map[string]any{"env": "staging"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Context(root, test.environ, test.arguments)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestAWrongArgumentSaysWhatWouldBeRight(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no value":            {[]string{"-c"}, "-c is not followed by key=value"},
		"no equals sign":      {[]string{"-c", "prod"}, `-c "prod" has no '='; write -c key=value`},
		"an unknown argument": {[]string{"prod"}, `unknown argument "prod"; use -c env=NAME`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Context(t.TempDir(), nil, test.arguments)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestOverridesAreTheContextsKeysBelowSet(t *testing.T) {
	require.Equal(t, []string{"api.waf=true", "workers.a.concurrency=3"}, overrides(map[string]any{
		"set.workers.a.concurrency": "3", "set.api.waf": true, "env": "dev", "settings": "x",
	}))
}

func TestErrorsOfConstructsAreFoundWhereverTheCDKPutsThem(t *testing.T) {
	out := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(out, name), []byte(content), 0o644))
	}
	write("manifest.json", `{"artifacts": {"A": {"metadata": {"/A/Bucket": [{"type": "aws:cdk:error", "data": "no encryption"}]}}}}`)
	write("B.metadata.json", `{"/B/Queue": [{"type": "aws:cdk:warning", "data": "meh"}, {"type": "aws:cdk:error", "data": "no TLS\n"}]}`)
	found, err := annotations(out)
	require.NoError(t, err)
	require.Equal(t, []string{"error A/Bucket: no encryption", "error B/Queue: no TLS"}, found)
}
