package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
)

// TestWhatPeersGetWrong has a row for each known failure of a peer that a
// decision can make; those that are made while seeing and deleting are tested
// in capacity/ecsfleet and in emptygroups.
func TestWhatPeersGetWrong(t *testing.T) {
	type observed = capacity.WorkerObserved
	hours := func(f fleet, count int) capacity.WorkerDecision {
		var last capacity.WorkerDecision
		for minute := range 60 * count {
			last = f.decide(time.Duration(minute) * time.Minute)
			f.worker.Spot.Desired, f.worker.OnDemand.Desired = last.Spot, last.OnDemand
		}
		return last
	}
	tests := map[string]struct {
		// peer is who gets it wrong, and how.
		peer   string
		worker observed
		bounds capacity.WorkerPolicy
		group  capacity.GroupObserved
		hours  int
		want   func(t *testing.T, got capacity.WorkerDecision)
	}{
		"one message at zero wakes a fleet whose target is 100": {
			peer:   "QueueProcessingEc2Service scales by steps, and its first is at 100 messages",
			worker: observed{Waiting: 1}, bounds: capacity.WorkerPolicy{TargetBacklog: 100}, hours: 1,
			want: func(t *testing.T, got capacity.WorkerDecision) { require.Equal(t, 1, got.Spot) },
		},
		"a backlog target of one wakes from zero": {
			peer:   "a backlog per task of 1/0 is no number, and of 1 with a target of 1 no reason to act",
			worker: observed{Waiting: 1}, bounds: capacity.WorkerPolicy{TargetBacklog: 1}, hours: 1,
			want: func(t *testing.T, got capacity.WorkerDecision) { require.Equal(t, 1, got.Spot) },
		},
		"jobs in flight are not idle": {
			peer:   "by visible messages a fleet with long jobs looks idle, and is scaled in",
			worker: observed{Running: 3, Spot: running(3, 3)}, hours: 12,
			want: func(t *testing.T, got capacity.WorkerDecision) { require.Equal(t, 3, got.Spot) },
		},
		"work that only on-demand can do goes on-demand when spot is dry for a day": {
			peer:   "a mixed instances policy waits for spot, for ever",
			worker: observed{Waiting: 2}, hours: 24,
			want: func(t *testing.T, got capacity.WorkerDecision) {
				require.Equal(t, 2, got.OnDemand)
				require.True(t, got.Fallback)
				require.Positive(t, got.Spot, "and spot is still asked for")
			},
		},
		"a sick instance does not count as one": {
			peer:   "a group that is full of sick instances looks full",
			worker: observed{Waiting: 1}, group: capacity.GroupObserved{Spot: capacity.Instances{Desired: 1, InService: 1, Impaired: 1}}, hours: 1,
			want: func(t *testing.T, got capacity.WorkerDecision) { require.True(t, got.Fallback) },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := hours(fleet{worker: test.worker, bounds: test.bounds, group: test.group}, test.hours)
			t.Logf("peers: %s; here: %s", test.peer, got.Reason)
			test.want(t, got)
		})
	}
}

func TestAControllerThatMissesTenMinutesLosesNothing(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 4, Spot: running(2, 2), Running: 2}}
	f.decide(0)
	f.worker.Waiting = 9
	late := f.decide(10 * time.Minute)
	f.memory = capacity.WorkerMemory{}
	fresh := f.decide(10 * time.Minute)
	require.Equal(t, fresh.Tasks(), late.Tasks())
}

func TestAFlappingZoneDoesNotMakeTheFleetFlap(t *testing.T) {
	f := fleet{worker: capacity.WorkerObserved{Waiting: 4, Spot: capacity.Tasks{Desired: 4, Pending: 4}}, group: capacity.GroupObserved{Spot: capacity.Instances{Desired: 4}}}
	changes, last := 0, -1
	for minute := range 240 {
		there := minute%7 < 3 // comes for three minutes, goes for four
		if !there && f.worker.Spot.Running > 0 {
			for range f.worker.Spot.Running {
				f.group.Trouble = append(f.group.Trouble, capacity.Trouble{Kind: capacity.Interruption, Spot: true, At: now.Add(time.Duration(minute) * time.Minute), Zone: "us-east-1a"})
			}
		}
		f.worker.Spot.Running, f.group.Spot.InService = 0, 0
		if there {
			f.worker.Spot.Running, f.group.Spot.InService = min(4, f.worker.Spot.Desired), 4
		}
		got := f.decide(time.Duration(minute) * time.Minute)
		f.worker.Spot.Desired, f.worker.OnDemand.Desired = got.Spot, got.OnDemand
		f.worker.OnDemand.Running = got.OnDemand
		if got.OnDemand != last {
			changes++
		}
		last = got.OnDemand
	}
	require.LessOrEqual(t, changes, 3, "on-demand comes and stays")
	require.Equal(t, 4, last)
}
