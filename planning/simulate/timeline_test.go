package simulate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/planning/simulate"
)

// What a timeline has over time is what the summary has in all: costs, what jobs
// occupied, and, by Little's law, what they waited.
func TestATimelineAddsUpToTheSummary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config, jobs := drawConfig(t), drawJobs(t)
		config.Samples = rapid.IntRange(2, 50).Draw(t, "samples")
		for i := range jobs {
			jobs[i].Deadline = 0
		}
		work := 0.0
		for _, job := range jobs {
			work += job.Duration.Seconds()
		}
		outcome, err := simulate.RunContext(t.Context(), config, &restless{t, 30}, &jobs)
		require.NoError(t, err)
		summary := outcome.Summary
		require.LessOrEqual(t, len(outcome.Timeline), config.Samples)
		var waiting, running, spot, onDemand, last float64
		cost := 0.0
		for _, sample := range outcome.Timeline {
			took := sample.At.Seconds() - last
			require.Positive(t, took)
			last = sample.At.Seconds()
			waiting += took * sample.Waiting
			running += took * sample.Running
			spot += took * sample.Spot
			onDemand += took * sample.OnDemand
			require.GreaterOrEqual(t, sample.Cost, cost)
			cost = sample.Cost
			require.True(t, sample.SpotAvailable >= 0 && sample.SpotAvailable <= 1+1e-9)
		}
		require.InDelta(t, summary.Seconds, last, 1e-6)
		require.InDelta(t, summary.Cost, cost, 1e-6*(1+cost))
		require.InDelta(t, summary.SpotSeconds, spot, 1e-6*(1+spot))
		require.InDelta(t, summary.OnDemandSeconds, onDemand, 1e-6*(1+onDemand))
		require.InDelta(t, summary.OccupiedSeconds, running, 1e-6*(1+running))
		if summary.Unfinished == 0 {
			stay := summary.Wait.Mean*float64(summary.Succeeded) + work
			require.InDelta(t, stay, waiting+running, 1e-6*(1+stay), "Little's law")
		}
	})
}

func TestATimelineHasAtLeastHalfOfItsSamplesHoweverLongTheRun(t *testing.T) {
	for _, length := range []time.Duration{3 * time.Minute, hour, 26 * hour, 1000 * hour} {
		jobs := simulate.Jobs{{Duration: minute}, {At: length, Duration: minute}}
		config := simulate.Config{Maximum: 1, Samples: 40, Spot: up(true, false)}
		outcome, err := simulate.RunContext(t.Context(), config, fixed{onDemand: 1}, &jobs)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(outcome.Timeline), 20, length)
		require.LessOrEqual(t, len(outcome.Timeline), 40, length)
	}
}

func TestWaitsOfSeveralRunsAreOneDistribution(t *testing.T) {
	run := func(jobs ...simulate.Job) simulate.Histogram {
		source := simulate.Jobs(jobs)
		outcome, err := simulate.RunContext(t.Context(), simulate.Config{Maximum: 1}, fixed{onDemand: 1}, &source)
		require.NoError(t, err)
		return outcome.Waits
	}
	var all simulate.Histogram
	all.Merge(run(simulate.Job{At: hour, Duration: minute}, simulate.Job{At: hour, Duration: minute}))
	all.Merge(run(simulate.Job{At: hour, Duration: 3 * minute}, simulate.Job{At: hour, Duration: minute}))
	require.EqualValues(t, 4, all.Total())
	waits := map[int]int64{}
	for seconds, count := range all.All() {
		waits[int(seconds+0.5)] += count
	}
	require.Equal(t, map[int]int64{0: 2, 60: 1, 180: 1}, waits)
}

// failing is a source whose file breaks off after one job.
type failing struct{ simulate.Jobs }

func (f *failing) Err() error { return errors.New("the disk is gone") }

func TestASourceThatFailsFailsTheRun(t *testing.T) {
	source := &failing{simulate.Jobs{{Duration: minute}}}
	_, err := simulate.Run(simulate.Config{Maximum: 1}, fixed{onDemand: 1}, source)
	require.EqualError(t, err, "simulating: the disk is gone")
	_, err = simulate.Run(simulate.Config{Maximum: 1}, fixed{onDemand: 1}, &simulate.Dressed{Source: &failing{}})
	require.EqualError(t, err, "simulating: the disk is gone")
}

// stopping ends a context when it looks for the third time.
type stopping struct {
	looks int
	stop  func()
}

func (s *stopping) Decide(*simulate.View) simulate.Target {
	if s.looks++; s.looks == 3 {
		s.stop()
	}
	return simulate.Target{}
}

func TestARunStopsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	policy := &stopping{stop: stop}
	jobs := simulate.Jobs{{Duration: minute}, {At: 1000 * hour, Duration: minute}}
	_, err := simulate.RunContext(ctx, simulate.Config{Maximum: 1}, policy, &jobs)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, policy.looks)
}

func TestJobsAreDressedWithWhatTheirSourceDoesNotTell(t *testing.T) {
	const count = 20_000
	jobs := make(simulate.Jobs, count)
	for i := range jobs {
		jobs[i] = simulate.Job{At: time.Duration(i), Duration: minute, Priority: simulate.Normal}
	}
	again := append(simulate.Jobs(nil), jobs...)
	dress := func(source simulate.Source) []simulate.Job {
		dressed := &simulate.Dressed{Source: source, Durations: &simulate.Durations{Shape: simulate.Exponential, Mean: 2 * minute}, Longer: 3,
			Promise: simulate.Promise{Share: 0.5, Low: 2, High: 2, Patience: hour}, HighShare: 0.2, LowShare: 0.3, Seed: 7}
		all := make([]simulate.Job, count)
		require.Equal(t, count, dressed.Fill(all))
		return all
	}
	all := dress(&jobs)
	require.Equal(t, all, dress(&again), "the same seed dresses alike")
	total, dated, by := time.Duration(0), 0, map[simulate.Priority]int{}
	for _, job := range all {
		total += job.Duration
		by[job.Priority]++
		if job.Deadline > 0 {
			dated++
			require.Equal(t, job.At+hour+2*job.Duration, job.Deadline)
		}
	}
	require.InEpsilon(t, 6*minute.Seconds(), total.Seconds()/count, 0.03)
	require.InDelta(t, 0.5*count, dated, 300)
	require.InDelta(t, 0.2*count, by[simulate.High], 300)
	require.InDelta(t, 0.3*count, by[simulate.Low], 300)

	plain := simulate.Jobs{{Duration: minute, Priority: simulate.High}}
	one := make([]simulate.Job, 2)
	require.Equal(t, 1, (&simulate.Dressed{Source: &plain}).Fill(one))
	require.Equal(t, simulate.Job{Duration: minute, Priority: simulate.High}, one[0], "nothing asked for changes nothing")
}
