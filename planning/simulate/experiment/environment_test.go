package experiment

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const base = `name: shop
aws: { region: us-west-2, zones: [us-west-2a, us-west-2b] }
workers:
  analyser:
    image: { uri: "111122223333.dkr.ecr.us-west-2.amazonaws.com/a:1" }
    capacity: single
    timeout: 2h
    concurrency: 4
    scale: { maximum: 8, targetWait: 10m }
  pair:
    image: { uri: "111122223333.dkr.ecr.us-west-2.amazonaws.com/a:1" }
    capacity: quad
    gpu: 2
    timeout: 2h
  light:
    image: { uri: "111122223333.dkr.ecr.us-west-2.amazonaws.com/a:1" }
    gpu: 0
    timeout: 2h
capacity:
  groups:
    single: { instanceTypes: [g6.xlarge, g5.xlarge], spot: { maximum: 6 }, onDemand: { maximum: 3 } }
    quad: { instanceTypes: [g5.12xlarge], spot: { maximum: 5 }, onDemand: { maximum: 0 } }
`

func environment(t *testing.T) Options {
	t.Helper()
	o := options(t, nil)
	o.Config = t.TempDir()
	for name, text := range map[string]string{"base.yaml": base, "prod.yaml": "workers: { analyser: { scale: { maximum: 9 } } }\n", "dev.yaml": "{}\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(o.Config, name), []byte(text), 0o600))
	}
	return o
}

const asked = "worker: analyser\nenvironment: prod\narrivals: { perHour: 6 }\ndurations: { distribution: constant, mean: 5m }\n"

func TestAWorkerOfAnEnvironmentIsWhatTheScenarioIsLaidOver(t *testing.T) {
	o := environment(t)
	e, err := Read("s.yaml", []byte(asked+"instance: { slots: 2 }\npolicy: { idleFor: 1m }\n"), o)
	require.NoError(t, err)
	s := e.Scenario
	require.Equal(t, "g6.xlarge", s.Instance.Type)
	require.Equal(t, "us-west-2", s.Instance.Region)
	require.Equal(t, 2, s.Instance.Slots, "the scenario comes first")
	require.Equal(t, []int{6, 3}, []int{*s.Instance.SpotMaximum, *s.Instance.OnDemandMaximum})
	require.Equal(t, 9, s.Policy.Maximum)
	require.Equal(t, 10*time.Minute, s.Policy.TargetWait.Std())
	require.Equal(t, time.Minute, s.Policy.IdleFor.Std())
	scale, err := usualScale()
	require.NoError(t, err)
	require.Positive(t, scale.FallbackAfter)
	require.Equal(t, scale.FallbackAfter, s.Policy.FallbackAfter, "what the configuration says of itself where it is silent")

	o.Set = []string{"worker=pair"}
	e, err = Read("s.yaml", []byte(asked), o)
	require.NoError(t, err)
	require.Equal(t, scale, e.Scenario.Policy)
	o.Set, o.Environment = nil, "dev"
	e, err = Read("s.yaml", []byte(asked), o)
	require.NoError(t, err)
	require.Equal(t, 8, e.Scenario.Policy.Maximum, "the option comes before the file")
	require.Equal(t, "dev", e.Scenario.Environment)
}

func TestATaskThatTakesPartOfAnInstanceCostsThatPart(t *testing.T) {
	o := environment(t)
	o.Set = []string{"worker=pair"}
	e, err := Read("s.yaml", []byte(asked), o)
	require.NoError(t, err)
	whole, err := o.Prices.OnDemand("us-west-2", "g5.12xlarge")
	require.NoError(t, err)
	require.InDelta(t, whole.USD/2, e.prices.onDemand, 1e-9)
	require.Equal(t, 10, *e.Scenario.Instance.SpotMaximum, "two tasks an instance")
	require.False(t, e.worker().HasOnDemand)

	o.Set = append(o.Set, "instance.type=g5.12xlarge")
	e, err = Read("s.yaml", []byte(asked), o)
	require.NoError(t, err)
	require.InDelta(t, whole.USD, e.prices.onDemand, 1e-9, "a machine that the scenario names is one task's")
	require.Equal(t, 5, *e.Scenario.Instance.SpotMaximum)
}

func TestAWorkerThatCannotBeSimulatedIsAnError(t *testing.T) {
	for worker, want := range map[string]string{
		"analyzer": `reading the scenario: --set worker=analyzer: environment prod has no worker "analyzer"; did you mean "analyser"?`,
		"film":     `reading the scenario: --set worker=film: environment prod has no worker "film"; it has analyser, light, pair`,
		"light":    `reading the scenario: --set worker=light: worker "light" of environment prod runs on Fargate; only workers on GPU instances are simulated`,
	} {
		o := environment(t)
		o.Set = []string{"worker=" + worker}
		_, err := Read("s.yaml", []byte(asked), o)
		require.EqualError(t, err, want)
	}
	o := environment(t)
	o.Environment = "test"
	_, err := Read("s.yaml", []byte(asked), o)
	require.ErrorContains(t, err, "reading the scenario: s.yaml:1:9: reading environment test: ")
}
