package policies_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func view(minute int, worker capacity.WorkerObserved, dated ...simulate.Dated) *simulate.View {
	v := &simulate.View{Dated: dated}
	v.At, v.Workers = start.Add(time.Duration(minute)*time.Minute), []capacity.WorkerObserved{worker}
	return v
}

func TestQueueProcessingTakesItsFirstStepAtAHundredMessages(t *testing.T) {
	after := func(waiting int) int {
		policy := policies.NewQueueProcessing(true, 20, 1)
		target := simulate.Target{}
		for minute := range 20 {
			target = policy.Decide(view(minute, capacity.WorkerObserved{Waiting: waiting}))
		}
		return target.Spot
	}
	require.Equal(t, 1, after(0), "it never sleeps")
	require.Equal(t, 1, after(99))
	require.Equal(t, 5, after(100), "one more each five minutes")
	require.Equal(t, 20, after(500), "five more each five minutes")
}

func TestSkyServeStandsInForEverySpotInstanceThatIsMissing(t *testing.T) {
	policy := &policies.SkyServe{Extra: 1, Maximum: 10, Slots: 1, Duration: time.Hour}
	require.Equal(t, simulate.Target{}, policy.Decide(view(0, capacity.WorkerObserved{})))
	require.Equal(t, simulate.Target{Spot: 2, OnDemand: 1}, policy.Decide(view(1, capacity.WorkerObserved{Waiting: 4})))
	policy.Decide(view(2, capacity.WorkerObserved{Waiting: 4}))
	require.Equal(t, simulate.Target{Spot: 5, OnDemand: 3}, policy.Decide(view(7, capacity.WorkerObserved{Waiting: 4, Spot: capacity.Tasks{Running: 2}})))
}

func TestCantBeLateGoesOnDemandWhenTheSlackIsOut(t *testing.T) {
	job := simulate.Dated{Arrived: start, Deadline: start.Add(10 * time.Hour), Duration: 4 * time.Hour, Remaining: 4 * time.Hour}
	worker := capacity.WorkerObserved{Waiting: 1}
	for name, test := range map[string]struct {
		uniform bool
		minute  int
		want    [2]int
	}{
		"greedy waits for spot":               {false, 5 * 60, [2]int{1, 0}},
		"greedy has a safety net":             {false, 5*60 + 50, [2]int{0, 1}},
		"uniform progress does not fall back": {true, 60, [2]int{0, 1}},
		"uniform progress begins on spot":     {true, 0, [2]int{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			policy := &policies.CantBeLate{Uniform: test.uniform, Changeover: 5 * time.Minute, Maximum: 5, Slots: 1}
			got := policy.Decide(view(test.minute, worker, job))
			require.Equal(t, test.want, [2]int{got.Spot, got.OnDemand})
		})
	}
}

func TestBacklogPerTaskLagsAfterAnIdleQueue(t *testing.T) {
	policy := policies.NewBacklogPerTask(false, 20, 1, 10*time.Minute, time.Minute)
	grown := 0
	for minute := range 40 {
		if got := policy.Decide(view(minute, capacity.WorkerObserved{Waiting: 60})); got.OnDemand > 1 && grown == 0 {
			grown = minute
		}
	}
	require.GreaterOrEqual(t, grown, 15, "SQS's metrics are up to 15 minutes late")
	require.Less(t, grown, 20)
}
