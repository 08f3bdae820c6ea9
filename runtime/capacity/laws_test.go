package capacity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/capacity"
)

func drawTasks(t *rapid.T, label string) capacity.Tasks {
	desired := rapid.IntRange(0, 30).Draw(t, label)
	busy := rapid.IntRange(0, desired).Draw(t, label+" busy")
	runs := rapid.IntRange(busy, desired).Draw(t, label+" running")
	return capacity.Tasks{Desired: desired, Running: runs, Busy: busy, Pending: desired - runs}
}

func drawFleet(t *rapid.T) fleet {
	minutes := rapid.Map(rapid.IntRange(0, 120), func(n int) time.Duration { return time.Duration(n) * time.Minute })
	f := fleet{
		worker: capacity.WorkerObserved{
			Waiting: rapid.IntRange(0, 200).Draw(t, "waiting"), Running: rapid.IntRange(0, 60).Draw(t, "jobs running"),
			Oldest: minutes.Draw(t, "oldest"), ArrivalRate: rapid.Float64Range(0, 2).Draw(t, "rate"),
			Spot: drawTasks(t, "spot"), OnDemand: drawTasks(t, "on-demand"),
		},
		bounds: capacity.WorkerPolicy{
			Slots: rapid.IntRange(0, 8).Draw(t, "slots"), Minimum: rapid.IntRange(0, 3).Draw(t, "minimum"), Maximum: rapid.IntRange(3, 20).Draw(t, "maximum"),
			OnDemandBase: rapid.IntRange(0, 3).Draw(t, "base"), HasSpot: rapid.Bool().Draw(t, "has spot"),
			TargetBacklog: rapid.Float64Range(0, 5).Draw(t, "backlog"), TargetWait: minutes.Draw(t, "wait"),
			FallbackAfter: minutes.Draw(t, "fallback after"), IdleFor: minutes.Draw(t, "idle for"),
		},
	}
	f.bounds.HasOnDemand = !f.bounds.HasSpot || rapid.Bool().Draw(t, "has on-demand")
	if !f.bounds.HasSpot {
		f.worker.Spot = capacity.Tasks{}
	}
	if !f.bounds.HasOnDemand {
		f.worker.OnDemand = capacity.Tasks{}
	}
	if rapid.Bool().Draw(t, "measured") {
		f.worker.Duration = mean(time.Minute + minutes.Draw(t, "mean"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "deadlines") {
		f.worker.Deadlines = append(f.worker.Deadlines, capacity.Deadline{At: now.Add(minutes.Draw(t, "deadline")), Remaining: minutes.Draw(t, "remaining"), Running: rapid.Bool().Draw(t, "deadline runs")})
	}
	for range rapid.IntRange(0, 5).Draw(t, "troubles") {
		f.group.Trouble = append(f.group.Trouble, capacity.Trouble{Kind: capacity.Interruption, Spot: true, At: now.Add(-minutes.Draw(t, "trouble"))})
	}
	f.group.Spot = capacity.Instances{Desired: f.worker.Spot.Desired, InService: f.worker.Spot.Running}
	if rapid.Bool().Draw(t, "market known") {
		f.lives = capacity.GroupMemory{At: now, Hours: rapid.Float64Range(0, 30).Draw(t, "hours of spot"), Interruptions: rapid.Float64Range(0, 60).Draw(t, "interruptions")}
		f.memory.DrySeen, f.memory.DryFor = now.Add(-minutes.Draw(t, "dry seen")), minutes.Draw(t, "dry for")
	}
	if rapid.Bool().Draw(t, "falling back") {
		f.memory.Fallback, f.memory.SpotMissingSince = true, now.Add(-minutes.Draw(t, "missing since"))
	}
	return f
}

func TestDecisionsKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		busySpot, busyOnDemand := f.worker.Spot.Busy, f.worker.OnDemand.Busy
		got := f.decide(0)
		require.LessOrEqual(t, got.Tasks(), max(f.bounds.Maximum, busySpot+busyOnDemand), "never above the maximum: %s", got.Reason)
		require.GreaterOrEqual(t, got.Spot, busySpot, "never below busy spot tasks: %s", got.Reason)
		require.GreaterOrEqual(t, got.OnDemand, busyOnDemand, "never below busy on-demand tasks: %s", got.Reason)
		require.GreaterOrEqual(t, got.Tasks(), min(f.bounds.Minimum, f.bounds.Maximum))
		require.True(t, f.bounds.HasSpot || got.Spot == 0)
		require.True(t, f.bounds.HasOnDemand || got.OnDemand == 0)
		if f.worker.Waiting > 0 {
			require.Positive(t, got.Tasks(), "one message wakes: %s", got.Reason)
		}
	})
}

func TestOneMoreJobNeverTakesATaskAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		more := f
		more.worker.Waiting++
		require.GreaterOrEqual(t, more.decide(0).Tasks(), f.decide(0).Tasks())
	})
}

func TestDecisionsSettleWhenNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		f.worker.Deadlines = nil
		market := f.lives
		var last capacity.WorkerDecision
		for minute := range 600 {
			// What is known of the market fades, which is a change of the inputs.
			f.lives = market
			f.lives.At = now.Add(time.Duration(minute) * time.Minute)
			got := f.decide(time.Duration(minute) * time.Minute)
			if minute > 500 {
				require.Equal(t, []int{last.Spot, last.OnDemand}, []int{got.Spot, got.OnDemand}, "minute %d: %s", minute, got.Reason)
			}
			last = got
			// Whatever is asked for comes, and what is busy stays so.
			f.worker.Spot.Desired, f.worker.OnDemand.Desired = got.Spot, got.OnDemand
			f.worker.Spot.Running, f.worker.OnDemand.Running = got.Spot, got.OnDemand
			f.worker.Spot.Pending, f.worker.OnDemand.Pending = 0, 0
			f.group.Spot = capacity.Instances{Desired: got.Spot, InService: got.Spot}
		}
	})
}

func TestTheSameInputsGiveTheSameDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFleet(t)
		require.Equal(t, f.whole(0), f.whole(0))
	})
}
