package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
)

func interruption(after time.Duration) capacity.Trouble {
	return capacity.Trouble{Kind: capacity.Interruption, Spot: true, At: now.Add(after), Zone: "us-east-1a", Type: "g5.xlarge"}
}

// steady is a fleet with two jobs on two spot tasks.
func steady() *fleet {
	return &fleet{worker: capacity.WorkerObserved{Running: 2, Spot: running(2, 2), ColdStart: 4 * time.Minute, Duration: mean(time.Minute)},
		group: capacity.GroupObserved{Spot: capacity.Instances{Desired: 2, InService: 2}}}
}

func TestSpotThatIsTakenBackTooSoonIsLetBe(t *testing.T) {
	f := steady()
	f.decide(0)
	for i := range 3 {
		at := time.Duration(10*i+9) * time.Minute
		f.group.Trouble = append(f.group.Trouble, interruption(at), interruption(at))
		f.group.Spot.InService = 0
		f.decide(at)
		f.group.Spot.InService = 2
		f.decide(at + time.Minute)
	}
	f.group.Spot, f.worker.Spot, f.worker.OnDemand = capacity.Instances{}, capacity.Tasks{}, running(2, 2)
	got := f.decide(time.Hour)
	require.Equal(t, []int{0, 2}, []int{got.Spot, got.OnDemand}, got.Reason)
	require.True(t, got.Fallback)
	require.Contains(t, got.Reason, "spot is taken back too soon to pay")

	f.group.Trouble = nil
	f.worker.OnDemand = running(2, 0)
	f.worker.Waiting, f.worker.Running = 2, 0
	got = f.decide(48 * time.Hour)
	require.Equal(t, 2, got.Spot, "what was seen fades, and then spot is tried again: %s", got.Reason)
}

func TestSpotThatLivesForHoursIsNotCondemnedByABadMoment(t *testing.T) {
	f := steady()
	for minute := range 600 {
		f.decide(time.Duration(minute) * time.Minute)
	}
	for i := range 3 {
		f.group.Trouble = append(f.group.Trouble, interruption(600*time.Minute+time.Duration(i)*time.Second))
	}
	f.group.Spot.InService = 0
	f.worker.Spot = capacity.Tasks{Desired: 2, Pending: 2}
	require.Contains(t, f.decide(601*time.Minute).Reason, "spot is dry or unsteady", "it is asked for again all the same")
}

func TestSpotIsWorthWhatItsPriceLeaves(t *testing.T) {
	decide := func(share float64) capacity.WorkerDecision {
		worker := capacity.WorkerPolicy{Group: "g", GPUs: 1, Maximum: 5, HasSpot: true, HasOnDemand: true}
		return capacity.Decide(capacity.Observed{At: now, Workers: []capacity.WorkerObserved{{Name: "w", Waiting: 2}}, Groups: []capacity.GroupObserved{{Name: "g"}},
			Memory: capacity.Memory{Groups: map[string]capacity.GroupMemory{"g": {At: now, Hours: 20}}}},
			capacity.Policy{Workers: map[string]capacity.WorkerPolicy{"w": worker},
				Groups: map[string]capacity.GroupPolicy{"g": {GPUs: 1, SpotMaximum: 9, OnDemandMaximum: 9, SpotShare: share}}}).Workers[0]
	}
	require.Equal(t, 2, decide(0.9).Spot, "little is saved, but nothing was lost")
	require.Equal(t, 2, decide(0).Spot, "an unknown price is the usual one")
	require.Equal(t, 2, decide(1).OnDemand)
	require.Equal(t, 2, decide(1.2).OnDemand, "also where it has lived for long")
}

func TestInterruptionsOfOneSecondThatAreToldOneByOneAllCount(t *testing.T) {
	observed := capacity.Observed{At: now, Groups: []capacity.GroupObserved{{Name: "g", Spot: capacity.Instances{InService: 4}}}}
	look := func(after time.Duration, left int, troubles ...capacity.Trouble) capacity.GroupMemory {
		observed.At = now.Add(after)
		observed.Groups[0].Trouble, observed.Groups[0].Spot.InService = troubles, left
		observed.Memory = capacity.Decide(observed, capacity.Policy{}).Memory
		return observed.Memory.Groups["g"]
	}
	one := interruption(time.Minute)
	look(0, 4)
	require.InDelta(t, 1./4, look(time.Minute, 3, one).Interruptions, 1e-3)
	require.InDelta(t, 1./4+1./3, look(time.Minute, 2, one, one).Interruptions, 1e-3)
	require.InDelta(t, 1./4+1./3, look(2*time.Minute, 2, one, one).Interruptions, 1e-3, "known ones do not count again")
	require.InDelta(t, 1./4+1./3+1, look(3*time.Minute, 0, interruption(2*time.Minute), interruption(2*time.Minute)).Interruptions, 1e-3,
		"also once the old ones are forgotten")
	require.InDelta(t, 3./60, look(3*time.Minute, 0).Hours, 1e-3)
}

// drought is a fleet that has found no spot for half an hour, and sleeps.
func drought() *fleet {
	f := &fleet{worker: capacity.WorkerObserved{Waiting: 1}}
	for minute := range 30 {
		got := f.decide(time.Duration(minute) * time.Minute)
		f.worker.Spot, f.worker.OnDemand = capacity.Tasks{Desired: got.Spot, Pending: got.Spot}, capacity.Tasks{Desired: got.OnDemand, Pending: got.OnDemand}
		f.group.Spot.Desired = got.Spot
	}
	f.worker.Waiting = 0
	f.decide(30 * time.Minute)
	f.worker.OnDemand = capacity.Tasks{}
	f.worker.Spot, f.worker.OnDemand, f.group.Spot = capacity.Tasks{}, capacity.Tasks{}, capacity.Instances{}
	return f
}

func TestAFleetThatWakesInADroughtAsksForBothAtOnce(t *testing.T) {
	f := drought()
	require.False(t, f.decide(40*time.Minute).Fallback, "nothing stands in for a fleet that sleeps")
	f.worker.Waiting = 1
	got := f.decide(45 * time.Minute)
	require.Equal(t, []int{1, 1}, []int{got.Spot, got.OnDemand}, got.Reason)

	// Spot has come after all.
	f.worker.Spot, f.worker.OnDemand = capacity.Tasks{Desired: 1, Pending: 1}, capacity.Tasks{Desired: 1, Pending: 1}
	f.group.Spot = capacity.Instances{Desired: 1, Pending: 1}
	got = f.decide(46 * time.Minute)
	require.Equal(t, []int{1, 0}, []int{got.Spot, got.OnDemand}, got.Reason)
}

func TestAFleetThatHasSleptForLongerThanADroughtTriesSpotFirst(t *testing.T) {
	f := drought()
	f.worker.Waiting = 1
	got := f.decide(2 * time.Hour)
	require.Equal(t, []int{1, 0}, []int{got.Spot, got.OnDemand}, got.Reason)
}

func TestIdleStandInsStayForTheirTime(t *testing.T) {
	f := &fleet{worker: capacity.WorkerObserved{Running: 1, OnDemand: running(3, 1), Spot: capacity.Tasks{Desired: 1, Pending: 1}},
		group:  capacity.GroupObserved{Spot: capacity.Instances{Desired: 1}},
		memory: capacity.WorkerMemory{Fallback: true}, bounds: capacity.WorkerPolicy{IdleFor: 5 * time.Minute}}
	require.Equal(t, 3, f.decide(0).OnDemand)
	require.Equal(t, 3, f.decide(4*time.Minute).OnDemand)
	require.Equal(t, 1, f.decide(5*time.Minute).OnDemand)
}

func TestStandInsWorkOnWhileSpotStarts(t *testing.T) {
	f := &fleet{worker: capacity.WorkerObserved{Waiting: 3, OnDemand: running(3, 0), Spot: capacity.Tasks{Desired: 3, Pending: 3}, Duration: mean(time.Second)},
		group:  capacity.GroupObserved{Spot: capacity.Instances{Desired: 3, Pending: 3}},
		memory: capacity.WorkerMemory{Fallback: true}}
	got := f.decide(0)
	require.Equal(t, []int{3, 3}, []int{got.Spot, got.OnDemand}, got.Reason)
}
