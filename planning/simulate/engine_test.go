package simulate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
)

const minute, hour = time.Minute, time.Hour

// up is an availability by samples of ten minutes.
func up(samples ...bool) *simulate.Availability {
	return &simulate.Availability{Gap: 10 * minute, Samples: samples}
}

func TestOneJobOnSpot(t *testing.T) {
	cold := simulate.ColdStart{Launch: minute, Boot: minute, Image: minute, Weights: minute}
	job := func(at, duration time.Duration) *simulate.Jobs {
		return &simulate.Jobs{{At: at, Duration: duration}}
	}
	saves := simulate.Checkpoint{Interval: 3 * minute, Cost: minute}
	onNotice := simulate.Checkpoint{Interval: 100 * minute, Cost: minute, OnNotice: true}
	for name, test := range map[string]struct {
		config simulate.Config
		jobs   *simulate.Jobs
		// In minutes.
		wait, billed, wasted float64
		interruptions        int
	}{
		"waits for the wake and the cold start, and is billed from when the instance was had": {
			simulate.Config{}, job(30*time.Second, 5*minute), 4 + 1.0/60, 9, 0, 0},
		"waits for the market at first": {
			simulate.Config{Spot: up(false, true, true, true)}, job(0, 5*minute), 10 + 4, 9, 0, 0},
		"starts anew after an interruption": {
			// Had at 0:01, runs from 4:01 to the notice at 10:00 and the end at 12:00; had again at 20:00.
			simulate.Config{Spot: up(true, false, true, true), Notice: 2 * minute}, job(0, 10*minute),
			24, 12 - 1.0/60 + 14, 8 - 1.0/60, 1},
		"ends within the notice": {
			simulate.Config{Spot: up(true, false, true, true), Notice: 2 * minute}, job(0, 7*minute),
			4 + 1.0/60, 11, 0, 0},
		"goes on from its last checkpoint": {
			// Three minutes are saved at 8:01; the last seven of ten are done again from 24:00,
			// with two checkpoints: in all three of one minute, and what was done after 8:01.
			simulate.Config{Spot: up(true, false, true, true, true, true), Notice: 2 * minute, Checkpoint: saves}, job(0, 10*minute),
			24 + 7 + 2 - 10, 12 - 1.0/60 + 13, 1 + (4 - 1.0/60) + 2, 1},
		"saves at the notice": {
			simulate.Config{Spot: up(true, false, true, true, true, true), Notice: 2 * minute, Checkpoint: onNotice}, job(0, 10*minute),
			24 + 4 + 1.0/60 - 10, 12 - 1.0/60 + 4 + 4 + 1.0/60, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Maximum, test.config.ColdStart = 1, cold
			summary, err := simulate.Run(test.config, whileThereIsWork{}, test.jobs)
			require.NoError(t, err)
			require.Equal(t, 1, summary.Succeeded)
			require.InDelta(t, test.wait, summary.Wait.Mean/60, 1e-6, "wait")
			require.InDelta(t, test.billed, summary.SpotSeconds/60, 1e-6, "billed")
			require.InDelta(t, test.wasted, summary.WastedSeconds/60, 1e-6, "wasted")
			require.Equal(t, test.interruptions, summary.Interruptions)
		})
	}
}

// A month is one of arrivals, not one of waiting for what came last.
func TestTheTimeOfArrivalsIsToldApartFromTheRuns(t *testing.T) {
	jobs := simulate.Jobs{{At: 10 * minute, Duration: minute}, {At: 20 * minute, Duration: 60 * minute}}
	for name, test := range map[string]struct {
		jobs   simulate.Jobs
		length time.Duration
		want   time.Duration
	}{
		"up to the last one, where nothing is known":  {jobs, 0, 20 * minute},
		"as long as more could have come":             {jobs, 30 * minute, 30 * minute},
		"at least up to the last one":                 {jobs, 5 * minute, 20 * minute},
		"all of the run, where all came at its start": {simulate.Jobs{{Duration: minute}}, 0, 5*minute + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			config := simulate.Config{Maximum: 1, ColdStart: simulate.ColdStart{Launch: 4 * minute}, SpotPrice: 1, OnDemandPrice: 2, Arrivals: test.length}
			arrived := slices.Clone(test.jobs)
			summary, err := simulate.Run(config, whileThereIsWork{}, &arrived)
			require.NoError(t, err)
			require.InDelta(t, test.want.Seconds(), summary.ArrivalSeconds, 1e-6)
		})
	}
}

func TestDeadlines(t *testing.T) {
	run := func(jobs ...simulate.Job) simulate.Summary {
		source := simulate.Jobs(jobs)
		summary, err := simulate.Run(simulate.Config{Maximum: 1, ColdStart: simulate.ColdStart{Boot: minute}}, fixed{onDemand: 1}, &source)
		require.NoError(t, err)
		return summary
	}
	inTime := run(simulate.Job{At: hour, Duration: minute, Deadline: hour + minute})
	require.Equal(t, 0, inTime.Missed, "ending at the deadline is in time")

	running := run(simulate.Job{At: hour, Duration: 5 * minute, Deadline: hour + minute})
	require.Equal(t, 1, running.Missed)
	require.Equal(t, 0, running.MissedInReach, "nobody could have done it")
	require.InDelta(t, 60, running.WastedSeconds, 1e-6, "it is stopped at its deadline")

	queued := run(simulate.Job{At: hour, Duration: 30 * minute}, simulate.Job{At: hour, Duration: minute, Deadline: hour + 10*minute})
	require.Equal(t, 1, queued.Missed)
	require.Equal(t, 1, queued.MissedInReach, "an instance of its own would have done it")
	require.InDelta(t, 600, queued.Wait.Max, 1e-6, "it has waited all of its stay")
}

func TestHigherPrioritiesAreServedFirst(t *testing.T) {
	source := simulate.Jobs{
		{At: hour, Duration: 10 * minute, Priority: simulate.Low},
		{At: hour + 1, Duration: minute, Priority: simulate.Low, Deadline: hour + 11*minute},
		{At: hour + 2, Duration: minute, Priority: simulate.High},
	}
	summary, err := simulate.Run(simulate.Config{Maximum: 1}, fixed{onDemand: 1}, &source)
	require.NoError(t, err)
	require.Equal(t, 1, summary.Missed, "the low one comes after the high one, and too late")
}

func TestWhatCannotBeSimulatedIsAnError(t *testing.T) {
	backwards := simulate.Jobs{{At: hour, Duration: 1}, {At: minute, Duration: 1}}
	_, err := simulate.Run(simulate.Config{Maximum: 1}, fixed{}, &backwards)
	require.ErrorContains(t, err, "job 2 arrives at 1m0s")
	_, err = simulate.Run(simulate.Config{Hazard: -1, Spot: up()}, fixed{}, &simulate.Jobs{})
	require.ErrorContains(t, err, "maximum is 0 instances")
	require.ErrorContains(t, err, "hazard of -1")
	require.ErrorContains(t, err, "no samples")
}
