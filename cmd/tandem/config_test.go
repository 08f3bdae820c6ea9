package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tandem runs the program as a shell would.
func tandem(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = run(t.Context(), args, streams{in: strings.NewReader(""), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

const dir = "--dir=../../config"

func TestCheckingAllEnvironmentsSaysWhichAreRight(t *testing.T) {
	code, out, talk := tandem(t, "config", "check", dir)
	require.Zero(t, code, talk)
	require.Empty(t, out)
	require.Equal(t, "dev: nothing wrong\nprod: nothing wrong\nstaging: nothing wrong\n", talk)
}

func TestCheckingAWrongEnvironmentFailsWithAllThatIsWrong(t *testing.T) {
	code, out, talk := tandem(t, "config", "check", dir, "--env=dev",
		"--set", "workers.document-analyser.timout=1h", "--set=models.assistant.overflow=nobody")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, talk, "| --set workers.document-analyser.timout=1h\n")
	require.Contains(t, talk, `did you mean "timeout"?`)
	require.Contains(t, talk, `no worker is called "nobody" [model-overflow-exists]`)
	require.Contains(t, talk, `2 problems in the configuration of "dev"`)
}

func TestCheckingAllReportsEachEnvironmentThatIsWrong(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"base.yaml": "name: shop\naws: { region: us-east-1, zones: [us-east-1a] }\n",
		"good.yaml": "", "bad.yaml": "nmae: x\n", "worse.yaml": "name: [\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	code, _, talk := tandem(t, "config", "check", "--dir="+folder)
	require.Equal(t, 1, code)
	require.Contains(t, talk, "good: nothing wrong\n")
	require.Contains(t, talk, filepath.Join(folder, "bad.yaml")+`:1:1: unknown key "nmae"`)
	require.Contains(t, talk, filepath.Join(folder, "worse.yaml")+":1:7: YAML syntax")
}

func TestShowPrintsOriginsBesideValues(t *testing.T) {
	code, out, talk := tandem(t, "config", "show", dir, "-e", "prod", "--set=name=shop")
	require.Zero(t, code, talk)
	require.Regexp(t, `(?m)^name: shop +# command line$`, out)
	require.Regexp(t, `(?m)^  zones: \[us-east-1a, us-east-1b, us-east-1c\] +# \.\./\.\./config/prod\.yaml:6$`, out)
}

func TestShowPrintsJSONForPrograms(t *testing.T) {
	code, out, talk := tandem(t, "config", "show", dir, "--env=dev", "--json")
	require.Zero(t, code, talk)
	var shown struct {
		Environment string
		Config      struct{ Name string }
		Origins     map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(out), &shown))
	require.Equal(t, "dev", shown.Environment)
	require.Equal(t, "tandem", shown.Config.Name)
	require.Contains(t, shown.Origins["network.egress"], "dev.yaml:")
}

func TestAnUnknownEnvironmentIsAnErrorThatNamesTheOthers(t *testing.T) {
	code, out, talk := tandem(t, "config", "show", dir, "--env=porduction")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, talk, "dev, prod, staging")
}

func TestSchemaAndReferenceAreTheCommittedFiles(t *testing.T) {
	for file, args := range map[string][]string{
		"../../config/schema.json": {"config", "schema"}, "../../docs/configuration.md": {"config", "reference"},
	} {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		code, out, talk := tandem(t, args...)
		require.Zero(t, code, talk)
		require.Equal(t, string(want), out)
	}
}

func TestGeneratedFilesAreWrittenWhereAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "reference.md")
	code, out, talk := tandem(t, "config", "reference", "--generate="+file)
	require.Zero(t, code, talk)
	require.Empty(t, out)
	require.FileExists(t, file)
}

func TestTheCommandLineIsExplained(t *testing.T) {
	code, out, talk := tandem(t, "--help")
	require.Zero(t, code, talk)
	require.Contains(t, out, "config")

	code, _, talk = tandem(t, "confg", "check")
	require.Equal(t, 2, code)
	require.Contains(t, talk, `did you mean "config"?`)

	code, _, talk = tandem(t, "config", "show")
	require.Equal(t, 2, code)
	require.Contains(t, talk, "--env")
}
