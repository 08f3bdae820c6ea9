package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
)

// What replaying traces brought to light.

func TestAJobThatWaitsBeyondTheTargetGetsATaskAlsoWhileNothingIsKnownOfDurations(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 1, Running: 1, Spot: running(1, 1), Oldest: 4 * time.Minute},
		bounds: capacity.WorkerPolicy{TargetWait: 5 * time.Minute}}
	require.Equal(t, 1, f.decide(0).Tasks(), "the running job may soon end")
	f.worker.Oldest = 6 * time.Minute
	require.Equal(t, 2, f.decide(0).Tasks())
}

func TestAJobWithoutSlackGetsATaskBesideBusyOnes(t *testing.T) {
	worker := capacity.WorkerObserved{Waiting: 1, Running: 2, OnDemand: running(2, 2),
		Deadlines: []capacity.Deadline{{At: now.Add(33 * time.Minute), Remaining: 30 * time.Minute}}}
	for name, bounds := range map[string]capacity.WorkerPolicy{
		"where there is spot":           {TargetBacklog: 10},
		"where there is only on-demand": {TargetBacklog: 10, HasOnDemand: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := fleet{worker: worker, bounds: bounds}
			got := f.decide(0)
			require.Equal(t, 3, got.OnDemand)
			require.Contains(t, got.Reason, "deadlines leave no time to wait for others")
		})
	}
}

func TestAJobOfUnknownLengthIsNoLostCause(t *testing.T) {
	usual := capacity.Estimate{Mean: time.Hour, P50: 20 * time.Minute, P95: 4 * time.Hour, Count: 100}
	decide := func(left time.Duration) capacity.WorkerDecision {
		f := fleet{bounds: capacity.WorkerPolicy{TargetBacklog: 10}, worker: capacity.WorkerObserved{Waiting: 1, Running: 1,
			Spot: running(1, 1), Duration: usual, Deadlines: []capacity.Deadline{{At: now.Add(left)}}}}
		return f.decide(0)
	}
	require.Equal(t, 1, decide(5*time.Hour).Tasks(), "even a long one has time")
	soon := decide(time.Hour)
	require.Equal(t, []int{2, 0}, []int{soon.Spot, soon.OnDemand}, "a long one would be late: a slot now, spot will do")
	late := decide(22 * time.Minute)
	require.Equal(t, []int{1, 1}, []int{late.Spot, late.OnDemand}, "a usual one has no time for a change any more")
	require.Equal(t, 1, decide(-time.Minute).OnDemand+decide(-time.Minute).Spot, "what is over is over")
}

func TestOnDemandDoesNotStandInForSpotThatOnlyStarts(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 1, Spot: capacity.Tasks{Desired: 1, Pending: 1}},
		group:  capacity.GroupObserved{Spot: capacity.Instances{Desired: 1, Pending: 1}},
		memory: capacity.WorkerMemory{Fallback: true}}
	got := f.decide(0)
	require.Equal(t, []int{1, 0}, []int{got.Spot, got.OnDemand})
	f.group.Spot.Pending = 0
	got = f.decide(0)
	require.Equal(t, []int{1, 1}, []int{got.Spot, got.OnDemand}, "it could not be had")
}

func TestNothingIsStartedOnlyToBeKeptWarm(t *testing.T) {
	// Ten jobs of an hour ended within half an hour: a load of twenty, says the rate.
	f := fleet{worker: capacity.WorkerObserved{Running: 2, Spot: running(4, 2), ArrivalRate: 10. / 1800, Duration: mean(time.Hour)},
		bounds: capacity.WorkerPolicy{IdleFor: time.Minute, Maximum: 30}}
	f.decide(0)
	require.Equal(t, 3, f.decide(2*time.Minute).Tasks(), "the next job comes within a cold start, and takes one")
	f.worker.Spot = running(2, 2)
	require.Equal(t, 2, f.decide(4*time.Minute).Tasks())
}

func TestShortJobsGoBackToSpotAlthoughOnDemandIsNeverIdle(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 5, Running: 3, OnDemand: running(3, 3), Duration: capacity.Estimate{Mean: 10 * time.Second, P95: time.Minute, Count: 9}},
		bounds: capacity.WorkerPolicy{TargetBacklog: 2}, memory: capacity.WorkerMemory{Fallback: true}}
	got := f.decide(0)
	require.Equal(t, []int{3, 3}, []int{got.Spot, got.OnDemand}, "on-demand stays until spot has come")
	f.worker.Duration.P95 = time.Hour
	got = f.decide(0)
	require.Equal(t, []int{0, 3}, []int{got.Spot, got.OnDemand}, "long jobs end where they are")
}

func TestWhileNothingIsKnownOfDurationsAJobWithADeadlineGetsASlotNow(t *testing.T) {
	worker := capacity.WorkerObserved{Waiting: 1, Running: 2, OnDemand: running(2, 2), Deadlines: []capacity.Deadline{{At: now.Add(5 * time.Hour)}}}
	f := fleet{worker: worker, bounds: capacity.WorkerPolicy{TargetBacklog: 10}}
	got := f.decide(0)
	require.Equal(t, []int{1, 2}, []int{got.Spot, got.OnDemand}, got.Reason)
	f.worker.Duration = mean(time.Hour)
	require.Equal(t, 2, f.decide(0).Tasks(), "it has time, and may wait for a slot")
}

func TestThoseThatWaitBeforeAnUrgentJobGetTasksToo(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 4, Running: 4, OnDemand: running(4, 4), Duration: mean(time.Hour),
		Deadlines: []capacity.Deadline{{At: now.Add(66 * time.Minute)}}}}
	require.Equal(t, 8, f.decide(0).Tasks(), "the first slot that is free goes to the first that waits")
}

func TestADeadlineLeavesTimeForCheckpoints(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Running: 1, Spot: running(1, 1), Deadlines: []capacity.Deadline{
		{At: now.Add(10*time.Hour + 20*time.Minute), Remaining: 10 * time.Hour, Running: true}}}}
	require.Equal(t, 1, f.decide(0).OnDemand, "twenty minutes are a change of seven and checkpoints of ten hours")
}
