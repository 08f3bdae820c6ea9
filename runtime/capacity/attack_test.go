package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/capacity"
)

// What a deployment meets that nobody plans for.

func TestAMemoryOfAClockThatWasAheadHoldsNothingUp(t *testing.T) {
	ahead := now.Add(24 * time.Hour)
	f := fleet{worker: capacity.WorkerObserved{Waiting: 2, Spot: capacity.Tasks{Desired: 2, Pending: 2}},
		group:  capacity.GroupObserved{Spot: capacity.Instances{Desired: 2}},
		memory: capacity.WorkerMemory{SpotMissingSince: ahead, DrySeen: ahead},
		lives:  capacity.GroupMemory{At: ahead}, bounds: capacity.WorkerPolicy{FallbackAfter: 5 * time.Minute, IdleFor: 5 * time.Minute}}
	f.decide(0)
	require.True(t, f.decide(5*time.Minute).Fallback, "five minutes, not a day")
	require.Equal(t, now.Add(5*time.Minute), f.lives.At)

	f = fleet{worker: capacity.WorkerObserved{Spot: running(2, 0)}, memory: capacity.WorkerMemory{IdleSince: ahead}, bounds: capacity.WorkerPolicy{IdleFor: 5 * time.Minute}}
	require.Equal(t, 2, f.decide(0).Spot)
	require.Zero(t, f.decide(5*time.Minute).Spot)
}

func TestTimesThatMakeNoSenseBreakNoBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		moment := rapid.Map(rapid.IntRange(-100000, 100000), func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) })
		f.memory.SpotMissingSince, f.memory.SpotBackSince = moment.Draw(t, "missing"), moment.Draw(t, "back")
		f.memory.IdleSince, f.memory.DrySeen = moment.Draw(t, "idle"), moment.Draw(t, "dry")
		f.lives = capacity.GroupMemory{At: moment.Draw(t, "lives"), Newest: moment.Draw(t, "newest")}
		f.worker.Oldest = time.Duration(rapid.Int64().Draw(t, "oldest"))
		for i := range f.worker.Deadlines {
			f.worker.Deadlines[i].At = moment.Draw(t, "deadline at")
		}
		for i := range f.group.Trouble {
			f.group.Trouble[i].At = moment.Draw(t, "trouble at")
		}
		got := f.decide(0)
		require.LessOrEqual(t, got.Tasks(), max(f.bounds.Maximum, f.worker.Spot.Busy+f.worker.OnDemand.Busy), got.Reason)
		require.GreaterOrEqual(t, got.Spot, f.worker.Spot.Busy)
		require.GreaterOrEqual(t, got.OnDemand, f.worker.OnDemand.Busy)
	})
}

func TestADeadlineInThePastAsksForNothing(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Running: 1, Spot: running(1, 1), Duration: mean(time.Hour), Deadlines: []capacity.Deadline{
		{At: now.Add(-time.Hour)}, {At: now.Add(-time.Second), Remaining: time.Minute, Running: true}, {At: time.Time{}}}}}
	got := f.whole(0)
	require.Equal(t, []int{1, 0}, []int{got.Workers[0].Spot, got.Workers[0].OnDemand}, got.Workers[0].Reason)
	require.Zero(t, got.LookAgain)
}

func TestAMaximumOfZeroStartsNothingAndLetsJobsEnd(t *testing.T) {
	worker := capacity.WorkerPolicy{Group: "g", GPUs: 1, HasSpot: true, HasOnDemand: true, Minimum: 2}
	group := capacity.GroupPolicy{GPUs: 1, SpotMaximum: 5, OnDemandMaximum: 5}
	decide := func(observed capacity.WorkerObserved, policy capacity.WorkerPolicy, group capacity.GroupPolicy) capacity.Decision {
		observed.Name = "w"
		return capacity.Decide(capacity.Observed{At: now, Workers: []capacity.WorkerObserved{observed}, Groups: []capacity.GroupObserved{{Name: "g"}}},
			capacity.Policy{Workers: map[string]capacity.WorkerPolicy{"w": policy}, Groups: map[string]capacity.GroupPolicy{"g": group}})
	}
	urgent := []capacity.Deadline{{At: now.Add(10 * time.Minute), Remaining: 5 * time.Minute}}
	got := decide(capacity.WorkerObserved{Waiting: 9, Deadlines: urgent}, worker, group)
	require.Zero(t, got.Workers[0].Tasks())
	require.Equal(t, "maximum of 0 tasks", got.Workers[0].Limited)
	require.Equal(t, capacity.GroupDecision{Name: "g"}, got.Groups[0])
	require.Equal(t, 1, decide(capacity.WorkerObserved{Running: 1, Spot: running(3, 1)}, worker, group).Workers[0].Spot)

	worker.Maximum = 5
	got = decide(capacity.WorkerObserved{Waiting: 9}, worker, capacity.GroupPolicy{GPUs: 1})
	require.Zero(t, got.Workers[0].Tasks())
	require.Contains(t, got.Workers[0].Limited, "group g has at most 0 spot instances")
}
