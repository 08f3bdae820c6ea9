package simulate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

// restless changes its mind at random, which no policy would.
type restless struct {
	t      *rapid.T
	budget int
}

func (r *restless) Decide(view *simulate.View) simulate.Target {
	if r.budget--; r.budget < 0 {
		return simulate.Target{OnDemand: 3}
	}
	target := simulate.Target{Spot: rapid.IntRange(-1, 6).Draw(r.t, "spot"), OnDemand: rapid.IntRange(-1, 6).Draw(r.t, "on-demand")}
	if rapid.Bool().Draw(r.t, "again") {
		target.LookAgain = view.At.Add(time.Duration(rapid.IntRange(-10, 600).Draw(r.t, "in")) * time.Second)
	}
	return target
}

func drawConfig(t *rapid.T) simulate.Config {
	some := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Second
	}
	return simulate.Config{
		Slots: rapid.IntRange(1, 4).Draw(t, "slots"), Maximum: rapid.IntRange(1, 8).Draw(t, "maximum"),
		ColdStart:  simulate.ColdStart{Launch: some("launch", 60), Weights: some("weights", 300)},
		Checkpoint: simulate.Checkpoint{Interval: some("interval", 300), Cost: some("cost", 30), Restore: some("restore", 30), OnNotice: rapid.Bool().Draw(t, "on notice")},
		Spot: &simulate.Availability{Gap: time.Duration(rapid.IntRange(1, 600).Draw(t, "gap")) * time.Second,
			Samples: rapid.SliceOfN(rapid.Bool(), 1, 30).Draw(t, "samples")},
		Hazard: rapid.Float64Range(0, 20).Draw(t, "hazard"), Notice: some("notice", 120),
		SpotPrice: 1, OnDemandPrice: 3, Seed: rapid.Uint64().Draw(t, "seed"),
	}
}

func drawJobs(t *rapid.T) simulate.Jobs {
	at := time.Duration(0)
	jobs := make(simulate.Jobs, rapid.IntRange(0, 60).Draw(t, "jobs"))
	for i := range jobs {
		at += time.Duration(rapid.IntRange(0, 300).Draw(t, "gap")) * time.Second
		jobs[i] = simulate.Job{At: at, Duration: time.Duration(rapid.IntRange(1, 900).Draw(t, "duration")) * time.Second,
			Priority: simulate.Priority(rapid.IntRange(0, 3).Draw(t, "priority"))}
		if rapid.Bool().Draw(t, "dated") {
			jobs[i].Deadline = at + time.Duration(rapid.IntRange(1, 3000).Draw(t, "patience"))*time.Second
		}
	}
	return jobs
}

func TestWhateverAPolicyDoesJobsAndSecondsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config, jobs := drawConfig(t), drawJobs(t)
		arrive := len(jobs)
		summary, err := simulate.Run(config, &restless{t, 40}, &jobs)
		require.NoError(t, err)
		require.Equal(t, arrive, summary.Arrived)
		require.Equal(t, summary.Arrived, summary.Succeeded+summary.Missed+summary.Unfinished, "every arrival ends or is in the system")
		require.Zero(t, summary.Unfinished, "with on-demand from some moment on, all end")
		require.LessOrEqual(t, summary.MissedInReach, summary.Missed)
		require.LessOrEqual(t, summary.Missed, summary.Deadlines)
		billed := summary.BilledSeconds() * float64(config.Slots)
		require.LessOrEqual(t, summary.OccupiedSeconds, billed+1e-6, "what is used is billed")
		require.LessOrEqual(t, summary.WastedSeconds, summary.OccupiedSeconds+1e-6)
		require.InDelta(t, summary.SpotSeconds/3600+3*summary.OnDemandSeconds/3600, summary.Cost, 1e-6)
		require.LessOrEqual(t, summary.Utilisation, 1.0+1e-9)
	})
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	run := func(seed uint64) string {
		config := simulate.Config{Slots: 2, Maximum: 10, Notice: 2 * time.Minute, Hazard: 1, SpotPrice: 1, OnDemandPrice: 3, Seed: seed,
			ColdStart: simulate.ColdStart{Boot: 4 * time.Minute}}
		source := &simulate.Generated{PerHour: 60, Burst: 3, Length: 24 * time.Hour, Seed: seed, HighShare: 0.2,
			Durations: simulate.Durations{Shape: simulate.Lognormal, Mean: 5 * time.Minute, Spread: 1},
			Season:    simulate.Season{Swing: 0.5}, Promise: simulate.Promise{Share: 0.5, Low: 2, High: 4, Patience: 10 * time.Minute}}
		summary, err := simulate.Run(config, policies.NewOurs(capacity.WorkerPolicy{Slots: 2, Maximum: 10, HasSpot: true, HasOnDemand: true}), source)
		require.NoError(t, err)
		require.Greater(t, summary.Interruptions, 10)
		raw, err := json.Marshal(summary)
		require.NoError(t, err)
		return string(raw)
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
}

func TestMemoryDoesNotGrowWithTheNumberOfArrivals(t *testing.T) {
	allocated := func(count int) float64 {
		return testing.AllocsPerRun(1, func() {
			source := &simulate.Generated{PerHour: 3600 * 50, Count: count, Seed: 1, Durations: simulate.Durations{Shape: simulate.Exponential, Mean: time.Second}}
			_, err := simulate.Run(simulate.Config{Maximum: 100, Seed: 1, Every: time.Hour}, fixed{onDemand: 80}, source)
			require.NoError(t, err)
		})
	}
	require.InDelta(t, allocated(50_000), allocated(500_000), 50)
}
