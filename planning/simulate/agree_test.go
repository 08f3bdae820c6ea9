package simulate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/closedform"
	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

// fixed keeps a fleet at a size.
type fixed struct{ spot, onDemand int }

func (f fixed) Decide(*simulate.View) simulate.Target {
	return simulate.Target{Spot: f.spot, OnDemand: f.onDemand}
}

// within is how near the simulation must be to the formula.
const within = 0.02

// replicate runs with so many seeds, and returns mean and half the width of the
// interval that holds the true mean with a confidence of 99 %.
func replicate(t *testing.T, runs int, run func(seed uint64) float64) (float64, float64) {
	t.Helper()
	t.Parallel()
	sum, squares := 0.0, 0.0
	for seed := range runs {
		value := run(uint64(seed + 1))
		sum += value
		squares += value * value
	}
	n := float64(runs)
	mean := sum / n
	deviation := math.Sqrt((squares - n*mean*mean) / (n - 1))
	require.Equal(t, 10, runs, "the quantile below is that of ten runs")
	const student = 3.250 // t(0.995, 9)
	return mean, student * deviation / math.Sqrt(n)
}

func agree(t *testing.T, want, got, half float64) {
	t.Helper()
	require.InEpsilon(t, want, got, within)
	require.InDelta(t, want, got, half, "outside the confidence interval of 99 %%")
}

func simulated(t *testing.T, config simulate.Config, policy simulate.Policy, source simulate.Source) simulate.Summary {
	t.Helper()
	config.Maximum = max(config.Maximum, 1000)
	summary, err := simulate.Run(config, policy, source)
	require.NoError(t, err)
	require.Equal(t, summary.Arrived, summary.Succeeded)
	return summary
}

func TestServersThatAreAlwaysUpWaitAsQueueingTheorySays(t *testing.T) {
	const service = 10.0
	for _, queue := range []struct {
		name    string
		servers int
		load    float64
		shape   simulate.Durations
	}{
		{"M/M/1", 1, 0.5, simulate.Durations{Shape: simulate.Exponential}},
		{"M/M/2", 2, 0.6, simulate.Durations{Shape: simulate.Exponential}},
		{"M/M/8", 8, 0.8, simulate.Durations{Shape: simulate.Exponential}},
		{"M/D/1", 1, 0.6, simulate.Durations{Shape: simulate.Constant}},
		{"M/G/1, lognormal", 1, 0.5, simulate.Durations{Shape: simulate.Lognormal, Spread: 1.2}},
	} {
		t.Run(queue.name, func(t *testing.T) {
			queue.shape.Mean = service * time.Second
			rate := queue.load * float64(queue.servers) / service
			want := closedform.WaitMG1(rate, service, queue.shape.SecondMoment())
			if queue.servers > 1 {
				want = closedform.WaitMMC(rate, service, queue.servers)
			}
			mean, half := replicate(t, 10, func(seed uint64) float64 {
				source := &simulate.Generated{PerHour: rate * 3600, Count: 60_000, Durations: queue.shape, Seed: seed}
				return simulated(t, simulate.Config{Seed: seed, Every: time.Hour}, fixed{onDemand: queue.servers}, source).Wait.Mean
			})
			agree(t, want, mean, half)
		})
	}
}

func TestSlotsOfOneInstanceAreServersToo(t *testing.T) {
	mean, half := replicate(t, 10, func(seed uint64) float64 {
		source := &simulate.Generated{PerHour: 0.6 * 4 / 10 * 3600, Count: 60_000, Seed: seed,
			Durations: simulate.Durations{Shape: simulate.Exponential, Mean: 10 * time.Second}}
		return simulated(t, simulate.Config{Seed: seed, Every: time.Hour, Slots: 4}, fixed{onDemand: 1}, source).Wait.Mean
	})
	agree(t, closedform.WaitMMC(0.24, 10, 4), mean, half)
}

// The production policy with one task at most, which sleeps at zero, is the
// worker of the closed form. It looks each minute, so that it sees an idle task
// half a minute late on average, and no job is so short that it misses it.
func TestAWorkerThatSleepsAtZeroIsBilledAndWaitsAsTheClosedFormSays(t *testing.T) {
	const every, jobs = time.Minute, 4000
	for _, worker := range []closedform.SleepingWorker{
		{Rate: 1.0 / 400, Service: 100, Wake: 120, Idle: 240},
		{Rate: 1.0 / 1000, Service: 200, Wake: 240, Idle: 300},
	} {
		t.Run(fmt.Sprintf("%+v", worker), func(t *testing.T) {
			durations := simulate.Durations{Mean: time.Duration(worker.Service) * time.Second}
			worker.SecondMoment = durations.SecondMoment()
			billed := 0.0
			mean, half := replicate(t, 10, func(seed uint64) float64 {
				policy := policies.OnDemandOnly(capacity.WorkerPolicy{Maximum: 1, IdleFor: time.Duration(worker.Idle)*time.Second - every/2})
				summary := simulated(t, simulate.Config{Seed: seed, Every: every, WakeDelay: time.Nanosecond,
					ColdStart: simulate.ColdStart{Weights: time.Duration(worker.Wake) * time.Second},
				}, policy, &simulate.Generated{PerHour: worker.Rate * 3600, Count: jobs, Durations: durations, Seed: seed})
				billed += summary.OnDemandSeconds / jobs / 10
				return summary.Wait.Mean
			})
			agree(t, worker.Wait(), mean, half)
			require.InEpsilon(t, worker.BilledPerJob(), billed, within)
		})
	}
}

func TestInterruptedWorkTakesAsLongAsTheClosedFormSays(t *testing.T) {
	const work, hazard, restart = 3600.0, 1.0, 240.0 // an interruption an hour
	for _, test := range []struct {
		name       string
		checkpoint simulate.Checkpoint
	}{
		{"without checkpoints", simulate.Checkpoint{}},
		{"with checkpoints", simulate.Checkpoint{Interval: 500 * time.Second, Cost: 20 * time.Second}},
		{"with checkpoints that take time to restore", simulate.Checkpoint{Interval: 500 * time.Second, Cost: 20 * time.Second, Restore: 60 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := closedform.Checkpoints{Interval: test.checkpoint.Interval.Seconds(), Cost: test.checkpoint.Cost.Seconds(),
				Restore: test.checkpoint.Restore.Seconds()}.Duration(work, hazard/3600, restart)
			mean, half := replicate(t, 10, func(seed uint64) float64 {
				// One job at a time on one instance that is always replaced.
				jobs := make(simulate.Jobs, 3000)
				for i := range jobs {
					jobs[i] = simulate.Job{At: time.Duration(i+1) * 40 * time.Hour, Duration: time.Duration(work) * time.Second}
				}
				summary := simulated(t, simulate.Config{Seed: seed, Every: 10 * time.Hour, Hazard: hazard, Checkpoint: test.checkpoint,
					ColdStart: simulate.ColdStart{Boot: time.Duration(restart) * time.Second}}, whileThereIsWork{}, &jobs)
				return summary.Wait.Mean + work - restart // the first start belongs to no interruption
			})
			agree(t, want, mean, half)
		})
	}
}

// whileThereIsWork has one spot instance as long as there is a job.
type whileThereIsWork struct{}

func (whileThereIsWork) Decide(view *simulate.View) simulate.Target {
	return simulate.Target{Spot: min(1, view.Workers[0].Waiting+view.Workers[0].Running)}
}
