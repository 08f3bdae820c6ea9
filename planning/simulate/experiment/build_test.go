package experiment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/runtime/capacity"
)

func replaced(format string, arguments ...any) string { return fmt.Sprintf(format, arguments...) }

// jobs of a scenario's first run, up to so many.
func jobs(t *testing.T, text string, files map[string]string, most int) []simulate.Job {
	t.Helper()
	e, err := Read("s.yaml", []byte(text), options(t, files))
	require.NoError(t, err)
	source, file, err := e.source(1)
	require.NoError(t, err)
	defer file.Close()
	all := make([]simulate.Job, most)
	return all[:source.Fill(all)]
}

func TestATraceIsPlayedAsItWasRecorded(t *testing.T) {
	files := map[string]string{"a.csv": "when,took,note\n0,10,\n60,20,x\n3600,30,\n7200,40,\n"}
	text := "arrivals: { trace: a.csv, timeColumn: when, length: 1h30m }\ndurations: { column: took, times: 2 }\ninstance: { type: g5.xlarge }\n"
	second := func(at, took int) simulate.Job {
		return simulate.Job{At: time.Duration(at) * time.Second, Duration: time.Duration(took) * time.Second, Priority: simulate.Normal}
	}
	require.Equal(t, []simulate.Job{second(0, 20), second(60, 40), second(3600, 60)}, jobs(t, text, files, 10), "up to its length")
	require.Len(t, jobs(t, strings.Replace(text, ", length: 1h30m", "", 1), files, 10), 4)

	drawn := strings.Replace(text, "column: took, times: 2", "distribution: constant, mean: 7s", 1)
	require.Equal(t, second(60, 7), jobs(t, drawn, files, 10)[1], "arrivals of a trace, durations of their own")

	all := jobs(t, text+"deadlines: { times: [3, 3], plus: 1m }\npriorities: { high: 1 }\n", files, 10)
	require.Equal(t, 60*time.Second+3*40*time.Second+time.Minute, all[1].Deadline)
	require.Equal(t, simulate.High, all[1].Priority)
}

func TestATraceIsRepeatedToALoad(t *testing.T) {
	text := `arrivals: { trace: "shipped:azure-llm-2023-code-10min.csv", load: 3, swing: 0.5, length: 28d }
durations: { times: 250 }
instance: { type: g5.xlarge }
`
	load := func(text string) float64 {
		work := 0.0
		all := jobs(t, text, nil, 1_000_000)
		require.Less(t, len(all), 1_000_000)
		for _, job := range all {
			work += job.Duration.Seconds()
		}
		return work / (28 * 24 * 3600)
	}
	require.InEpsilon(t, 3, load(text), 0.05)
	require.InEpsilon(t, 3, load(strings.Replace(text, "times: 250", "distribution: exponential, mean: 10m", 1)), 0.05, "with durations of their own")
}

func TestThePolicyIsToldWhatTheScenarioSays(t *testing.T) {
	e := read(t, right+`policy:
  minimum: 1
  maximum: 7
  targetBacklog: 2
  targetWait: 3m
  fallbackAfter: 4m
  idleFor: 6m
  onDemandBase: 1
  schedule: [{ days: [mon, fri], from: "08:30", to: "18:00", timeZone: Europe/Berlin, minimum: 3 }]
`, "instance.slots=4", "instance.onDemandMaximum=2")
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	require.Equal(t, capacity.WorkerPolicy{
		Slots: 4, Minimum: 1, Maximum: 7, OnDemandBase: 1, HasSpot: true, HasOnDemand: true, TargetBacklog: 2,
		TargetWait: 3 * time.Minute, FallbackAfter: 4 * time.Minute, IdleFor: 6 * time.Minute,
		Schedule: []capacity.Window{{Days: []time.Weekday{time.Monday, time.Friday}, From: 8*time.Hour + 30*time.Minute, To: 18 * time.Hour, Location: berlin, Minimum: 3}},
	}, e.worker())
	require.False(t, read(t, right, "instance.spotMaximum=0").worker().HasSpot)
}

func TestTheFleetIsWhatTheScenarioSays(t *testing.T) {
	e := read(t, right, "instance.price=2", "spot.price=0.5", "spot.notice=30s", "instance.coldStart.boot=0s", "checkpoint={interval: 10m, cost: 5s, restore: 6s, onNotice: true}", "spot.interruptionsPerDay=12")
	require.Equal(t, simulate.Config{
		Slots: 1, Maximum: 10, ColdStart: simulate.ColdStart{Launch: 30 * time.Second, Image: time.Minute, Weights: time.Minute},
		Checkpoint: simulate.Checkpoint{Interval: 10 * time.Minute, Cost: 5 * time.Second, Restore: 6 * time.Second, OnNotice: true},
		Hazard:     0.5, Notice: 30 * time.Second, SpotPrice: 0.5, OnDemandPrice: 2, Seed: 9,
		Arrivals: e.Scenario.Arrivals.Length.Std(),
	}, e.fleet(9, nil))
	require.Empty(t, e.Sources(), "no price of the list is used")
	result := e.result(nil, make([]tally, 2))
	require.Empty(t, result.PricesFrom)

	listed := read(t, right)
	require.InDelta(t, 1.006, listed.fleet(1, nil).OnDemandPrice, 1e-9)
	require.Len(t, listed.Sources(), 2)
}

func TestFactsTellWhatIsADefault(t *testing.T) {
	sources := func(e *Experiment) map[string]string {
		all := map[string]string{}
		for _, fact := range e.facts() {
			all[fact.Name] = fact.Source
		}
		return all
	}
	plain := sources(read(t, right))
	require.Equal(t, "a default: docs/simulation.md", plain["cold start"])
	require.Equal(t, "a default: docs/simulation.md", plain["policy of tandem"])
	require.Contains(t, plain["on-demand price"], "price list of ")
	said := sources(read(t, right, "instance.coldStart.boot=5m", "policy={idleFor: 1m}"))
	require.Equal(t, "the scenario", said["cold start"])
	require.Equal(t, "the scenario", said["policy of tandem"])
}
