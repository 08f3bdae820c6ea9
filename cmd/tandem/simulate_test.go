package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/planning/simulate/experiment"
)

const (
	small     = "testdata/simulate/small.yaml"
	scenarios = "../../examples/scenarios"
)

func TestASmallScenarioComesToWhatWasAgreedOn(t *testing.T) {
	folder := t.TempDir()
	code, out, talk := tandem(t, "simulate", "-f", small, "--csv", filepath.Join(folder, "runs.csv"), "--timeline", filepath.Join(folder, "timeline.csv"))
	require.Equal(t, exit.OK, code, talk)
	golden(t, "testdata/simulate/small.txt", out)
	for _, name := range []string{"runs.csv", "timeline.csv"} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		if name == "timeline.csv" {
			raw = []byte(strings.Join(strings.SplitAfter(string(raw), "\n")[:20], ""))
		}
		golden(t, "testdata/simulate/small."+name, string(raw))
	}

	code, out, talk = tandem(t, "simulate", "-f", small, "--format", "json")
	require.Equal(t, exit.OK, code, talk)
	_, again, _ := tandem(t, "simulate", "-f", small, "--json")
	require.Equal(t, out, again, "the same seeds, the same bytes, and --json as everywhere")
	var result experiment.Result
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	for i := range result.Policies {
		require.Greater(t, len(result.Policies[i].Timeline), 100)
		result.Policies[i].Timeline, result.Policies[i].Waits = result.Policies[i].Timeline[:2], result.Policies[i].Waits[:2]
	}
	var shortened bytes.Buffer
	require.NoError(t, display.JSON(&shortened, result))
	golden(t, "testdata/simulate/small.json", shortened.String())
}

func TestEachExampleOfAScenarioRuns(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(scenarios, "*.yaml"))
	require.NoError(t, err)
	require.Len(t, paths, 3)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			code, out, talk := tandem(t, "simulate", "-f", path, "--seeds", "1", "--json")
			require.Equal(t, exit.OK, code, talk)
			var result experiment.Result
			require.NoError(t, json.Unmarshal([]byte(out), &result))
			require.Equal(t, strings.TrimSuffix(filepath.Base(path), ".yaml"), result.Name)
			for _, policy := range result.Policies {
				require.Positive(t, policy.Runs[0].Succeeded, policy.ID)
			}
			if result.Name == "day-without-spot" {
				require.InDelta(t, 2.0/3, available(result.Policies[0]), 0.05, "spot is gone on one of three days")
			}
		})
	}
}

func available(policy experiment.PolicyResult) float64 {
	sum, last := 0.0, 0.0
	for _, sample := range policy.Timeline {
		sum += sample.SpotAvailable * (sample.At - last)
		last = sample.At
	}
	return sum / last
}

func TestEverythingIsWrittenIntoAFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "deep", "report")
	code, _, talk := tandem(t, "simulate", "-f", small, "--compare", "none", "--seeds", "2", "--seed", "7", "--out", folder)
	require.Equal(t, exit.OK, code, talk)
	for name, begins := range map[string]string{"report.html": "<!doctype html>", "runs.csv": "policy,seed,cost,", "timeline.csv": "policy,at,waiting,", "result.json": "{\n  \"name\": \"small\""} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(strings.ToLower(string(raw)), begins), name)
		require.Contains(t, talk, "wrote "+filepath.Join(folder, name)+"\n")
	}
	charts, err := filepath.Glob(filepath.Join(folder, "charts", "*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, charts)
	runs, err := os.ReadFile(filepath.Join(folder, "runs.csv"))
	require.NoError(t, err)
	require.Regexp(t, `(?s)^policy,.*\ntandem,7,.*\ntandem,8,[^\n]*\n$`, string(runs))
}

func TestOptionsChangeTheScenario(t *testing.T) {
	code, out, talk := tandem(t, "simulate", "-f", small, "--compare", "skyserve,cdk-spot", "--set", "policy.idleFor=17m", "--set", "seeds=2", "--json")
	require.Equal(t, exit.OK, code, talk)
	require.Empty(t, talk, "prices are the scenario's own, and nothing else is worth a word")
	var result experiment.Result
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	var ids []string
	for _, policy := range result.Policies {
		ids = append(ids, policy.ID)
	}
	require.Equal(t, []string{"tandem", "cdk-spot", "skyserve"}, ids)
	require.Len(t, result.Seeds, 2)
	require.Contains(t, result.Scenario, "\n# --set policy.idleFor=17m\n")
	require.Contains(t, out, "idle for 17m")
}

func TestWhatCannotBeSimulatedIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		code      int
		want      string
	}{
		"no scenario":         {[]string{}, exit.Usage, "missing flags: --file=FILE"},
		"a file not there":    {[]string{"-f", "nowhere.yaml"}, exit.Usage, "nowhere.yaml: no such file"},
		"a wrong value":       {[]string{"-f", small, "--set", "policy.maximum=0"}, exit.Failed, "tandem: reading the scenario: --set policy.maximum=0: policy.maximum is 0 instances; it must be 1 to 5,000"},
		"no such policy":      {[]string{"-f", small, "--compare", "skyserv"}, exit.Failed, `there is no policy "skyserv"; did you mean "skyserve"?`},
		"no such format":      {[]string{"-f", small, "--format", "xml"}, exit.Usage, `--format must be one of "table","json" but got "xml"`},
		"no place for a file": {[]string{"-f", small, "--csv", "nowhere/runs.csv"}, exit.Failed, "writing nowhere/runs.csv: "},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, talk := tandem(t, append([]string{"simulate"}, test.arguments...)...)
			require.Equal(t, test.code, code)
			require.Empty(t, out)
			require.Contains(t, talk, test.want)
		})
	}
}

func TestPoliciesAreCompleted(t *testing.T) {
	t.Setenv("COMP_LINE", "tandem simulate --compare sky")
	code, out, talk := tandem(t)
	require.Equal(t, exit.OK, code, talk)
	require.Equal(t, "skyserve", strings.TrimSpace(out))
}
