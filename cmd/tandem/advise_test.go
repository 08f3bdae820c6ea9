package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
	"tandem/config"
	"tandem/planning/advise"
)

const workloads = "../../examples/workloads"

func names(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(workloads, "*.yaml"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 10)
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".yaml")
	}
	return paths
}

func TestTheAdviceOnEachExampleIsWhatWasAgreedOn(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			code, out, talk := tandem(t, "advise", "-f", filepath.Join(workloads, name+".yaml"))
			require.Equal(t, exit.OK, code, talk)
			golden(t, filepath.Join(workloads, "golden", name+".txt"), out)
		})
	}
}

// golden compares with a committed file; TANDEM_UPDATE=1 writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("TANDEM_UPDATE") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run 'make test-update' and read the diff")
	require.Equal(t, string(want), got, "run 'make test-update' and read the diff")
}

// What advice says can be deployed passes the check of the configuration: on
// nothing else, and on this project's own.
func TestTheConfigurationThatIsAdvisedIsRight(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			code, out, talk := tandem(t, "advise", "--json", "-f", filepath.Join(workloads, name+".yaml"))
			require.Equal(t, exit.OK, code, talk)
			var advice advise.Advice
			require.NoError(t, json.Unmarshal([]byte(out), &advice))
			require.NotEmpty(t, advice.Snippet)
			alone := t.TempDir()
			write(t, filepath.Join(alone, "base.yaml"), "name: shop\naws: { region: us-east-1, zones: [us-east-1a, us-east-1b] }\n")
			write(t, filepath.Join(alone, "advised.yaml"), advice.Snippet)
			requireRight(t, alone)

			ours := t.TempDir()
			base, err := os.ReadFile("../../config/base.yaml")
			require.NoError(t, err)
			write(t, filepath.Join(ours, "base.yaml"), string(base))
			write(t, filepath.Join(ours, "advised.yaml"), advice.Snippet)
			requireRight(t, ours)
		})
	}
}

func requireRight(t *testing.T, folder string) {
	t.Helper()
	_, err := config.Load(config.Options{Dir: folder, Environment: "advised"})
	require.NoError(t, err)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestFiveAnswersAreAWorkload(t *testing.T) {
	var out, talk strings.Builder
	answers := "soon\n4m 6m\n1 16GiB\nno\n1,000\n\n"
	code := run(t.Context(), []string{"advise"}, streams{in: strings.NewReader(answers), out: &out, err: &talk})
	require.Equal(t, exit.OK, code, talk.String())
	require.Contains(t, talk.String(), `"soon" is not a duration`)
	require.Contains(t, out.String(), "workload: GPU spot (tier 2, jobs)")

	code = run(t.Context(), []string{"advise"}, streams{in: strings.NewReader("4m\n"), out: &out, err: &talk})
	require.Equal(t, exit.Usage, code)
	require.Contains(t, talk.String(), "the answers ended before the five questions did")
}

func TestAWrongWorkloadIsNamedByFileAndLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.yaml")
	write(t, file, "name: x1\nvolume: { perDay: -3 }\n")
	code, out, talk := tandem(t, "advise", "-f", file)
	require.Equal(t, exit.Failed, code)
	require.Empty(t, out)
	require.Contains(t, talk, file+":2: volume.perDay must be above 0")
}

func TestOldPricesAreWarnedAbout(t *testing.T) {
	_, _, talk := tandem(t, "advise", "-f", filepath.Join(workloads, "document-analysis.yaml"))
	require.Contains(t, talk, "warning: prices of spot-advisor.csv are ")
	require.Contains(t, talk, "days old (2025-07-28)")
}
