package capacity

import (
	"math"
	"time"
)

// demand is how many tasks the work asks for. One waiting job is enough to ask
// for one task, whatever the target; more tasks than jobs have slots are never
// asked for.
func (t *trial) demand() int {
	w, p := t.worker, t.policy
	busy := max(ceilDivide(w.Running, p.Slots), w.Spot.Busy+w.OnDemand.Busy)
	if w.Waiting <= 0 {
		if w.Running > 0 || busy > 0 {
			t.say("# jobs run, none waits", w.Running)
		} else {
			t.say("no jobs")
		}
		return busy
	}
	slots := float64(w.Waiting) / p.TargetBacklog
	need := "# waiting and # running jobs need # tasks by the target backlog"
	if p.TargetWait > 0 && w.Duration.Count > 0 {
		// Slots that end jobs of this mean length one after the other start the
		// last waiting one after waiting * mean / slots.
		slots = float64(w.Waiting) * w.Duration.Mean.Seconds() / p.TargetWait.Seconds()
		need = "# waiting and # running jobs need # tasks by the target wait"
	}
	if p.TargetWait > 0 && w.Oldest > p.TargetWait {
		// The target is missed already, also where nothing is known of durations:
		// as fast as there are jobs. But tasks that only start once jobs are done
		// help none: jobs that are short beside a cold start ask for as many as work
		// them off within one.
		late := float64(w.Waiting + w.Running)
		if w.Duration.Count > 0 {
			late *= min(1, w.Duration.Mean.Seconds()/t.coldStart().Seconds())
		}
		slots = max(slots, late)
		need = "# waiting and # running jobs need # tasks, as one waits beyond the target"
	}
	useful := ceilDivide(w.Waiting+w.Running, p.Slots)
	tasks := max(busy, 1, int(math.Ceil(min(slots, 1e9)/float64(p.Slots))))
	tasks = max(busy, min(tasks, useful))
	t.say(need, w.Waiting, w.Running, tasks)
	return tasks
}

// idle decides how many tasks stay that the work no longer needs, needed ones
// included. Running ones stay for idleFor; then the fleet shrinks to the most
// that was needed meanwhile. Tasks that are still on their way are given up.
func (t *trial) idle(needed int) int {
	running := t.worker.Spot.Running + t.worker.OnDemand.Running
	if running <= needed {
		t.memory.IdleSince, t.memory.Peak = time.Time{}, 0
		return needed
	}
	if t.memory.IdleSince.IsZero() {
		t.memory.IdleSince, t.memory.Peak = t.now, needed
	}
	t.memory.Peak = max(t.memory.Peak, needed)
	ends := t.memory.IdleSince.Add(t.policy.IdleFor)
	if t.now.Before(ends) {
		t.say("# idle tasks may stay until "+ends.UTC().Format(time.TimeOnly), running-needed)
		t.at(ends)
		return running
	}
	shrunk := min(t.memory.Peak, running)
	if shrunk < running {
		t.say("# tasks were idle for "+t.policy.IdleFor.String(), running-shrunk)
	}
	t.memory.IdleSince, t.memory.Peak = t.now, needed
	return shrunk
}

// warm is how many of the tasks that run are worth keeping between jobs. Keeping
// one until the next job costs 1/rate of its time on average, starting one anew
// costs the cold start: below that, keeping is the cheaper and the faster. A
// further one is taken a job later, so rate times cold start pay beside those
// that are busy; never more than the load, arrival rate times duration, asks
// for. The rate and the load are noisy: none is started for them.
func (t *trial) warm() int {
	w, slots := t.worker, t.policy.Slots
	spare := w.ArrivalRate * t.coldStart().Seconds() / float64(slots)
	if w.ArrivalRate <= 0 || spare*float64(slots) < 1 {
		return 0
	}
	load := w.ArrivalRate * w.Duration.Mean.Seconds() / float64(slots)
	busy := w.Spot.Busy + w.OnDemand.Busy
	pays := min(max(1, int(math.Ceil(min(load, 1e6)))), busy+max(1, int(min(spare, 1e6))))
	return min(pays, w.Spot.Running+w.OnDemand.Running)
}

func (t *trial) coldStart() time.Duration {
	if t.worker.ColdStart > 0 {
		return t.worker.ColdStart
	}
	return t.policy.ColdStart
}

func ceilDivide(a, b int) int {
	if a <= 0 {
		return 0
	}
	return (a + b - 1) / b
}
