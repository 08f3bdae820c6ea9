package capacity

import (
	"time"
)

// returnAfter is how long spot must have been whole before on-demand tasks that
// stood in for it are let go: shorter, and a zone that flaps would buy a cold
// start with every return.
const returnAfter = 5 * time.Minute

// split decides which of the tasks needed are spot and which on-demand, and
// which of those that run stay although they are idle. Where a worker has only
// one service, that one takes all. Urgent tasks must be on-demand, beside those
// that are busy there.
func (t *trial) split(needed, kept, urgent int) {
	w, p := t.worker, t.policy
	// Busy tasks stay even above a maximum that was lowered.
	most := max(p.Maximum, w.Spot.Busy+w.OnDemand.Busy)
	kept = min(kept, most)
	switch {
	case !p.HasSpot:
		t.decision.OnDemand = max(needed, kept)
		t.memory = WorkerMemory{IdleSince: t.memory.IdleSince, Peak: t.memory.Peak}
		return
	case !p.HasOnDemand:
		t.decision.Spot = max(needed, kept)
		t.memory = WorkerMemory{IdleSince: t.memory.IdleSince, Peak: t.memory.Peak}
		return
	}
	sure := p.OnDemandBase
	if urgent > 0 {
		sure = max(sure, w.OnDemand.Busy+urgent)
	}
	sure = min(sure, needed)
	if sure > p.OnDemandBase {
		t.say("# on-demand for deadlines", sure)
	}
	onDemand := min(sure, most-w.Spot.Busy)
	if !t.shortJobs() {
		// Jobs that already run on-demand end there, and need no spot task beside.
		onDemand = max(onDemand, w.OnDemand.Busy)
	}
	spot := max(min(needed-onDemand, most-max(onDemand, w.OnDemand.Busy)), w.Spot.Busy)
	t.judgeSpot(spot)
	if t.memory.Fallback {
		spot, onDemand = t.standIn(spot, onDemand, most)
	} else if margin := min(t.margin(spot), most-spot-max(onDemand, w.OnDemand.Busy)); margin > 0 {
		spot += margin
		t.say("# more spot, as so many are likely to be interrupted during a cold start", margin)
	}
	onDemand = max(onDemand, w.OnDemand.Busy)
	// An idle on-demand task is dear: it stays only where it stands in for spot.
	if t.memory.Fallback {
		onDemand = max(onDemand, min(w.OnDemand.Running, kept-spot))
	}
	spot = max(spot, min(w.Spot.Running, kept-onDemand))
	t.decision.Spot, t.decision.OnDemand = spot, onDemand
}

// shortJobs end before a spot task has started in place of an on-demand one: that
// those are busy with one job after the other must not keep the work there.
func (t *trial) shortJobs() bool {
	return t.worker.Duration.Count > 0 && t.worker.Duration.P95 <= t.coldStart()
}

// standIn puts on-demand in the place of spot tasks that are missing. Spot goes
// on being asked for, by one task at least: that is how its return is noticed.
func (t *trial) standIn(spot, onDemand, most int) (int, int) {
	t.decision.Fallback = true
	have := min(t.worker.Spot.Running, spot)
	missing := spot - have
	if t.spotHasCome() && !t.storm() {
		// What is missing only starts: on-demand beside it would start no sooner.
		t.say("# spot start", missing)
		return spot, max(onDemand, min(t.heldOnDemand(spot), most-spot))
	}
	stand := max(onDemand+missing, min(t.heldOnDemand(spot), most-have))
	asked := min(missing, most-have-stand)
	if asked <= 0 && missing > 1 && stand > onDemand {
		stand, asked = stand-1, 1
	}
	if stand > onDemand {
		t.say("spot is dry or unsteady: # on-demand stand in", stand-onDemand)
	}
	return max(have+max(asked, 0), t.worker.Spot.Busy), stand
}

// judgeSpot turns the fallback on and off.
func (t *trial) judgeSpot(wanted int) {
	m := &t.memory
	missing := wanted > 0 && t.worker.Spot.Running < wanted && t.worker.Spot.Running < t.worker.Spot.Desired && !t.spotHasCome()
	if !missing {
		m.SpotMissingSince = time.Time{}
	} else if m.SpotMissingSince.IsZero() {
		m.SpotMissingSince = t.now
	}
	storm := t.storm()
	if storm || missing && t.now.Sub(m.SpotMissingSince) >= t.policy.FallbackAfter {
		m.Fallback, m.SpotBackSince = true, time.Time{}
		return
	}
	if missing && !m.Fallback {
		t.at(m.SpotMissingSince.Add(t.policy.FallbackAfter))
	}
	if !m.Fallback {
		return
	}
	if wanted == 0 && t.worker.OnDemand.Running == 0 && t.worker.OnDemand.Pending == 0 {
		// Asleep: the next job tries spot first.
		*m = WorkerMemory{IdleSince: m.IdleSince, Peak: m.Peak}
		return
	}
	if t.worker.Spot.Running < wanted {
		m.SpotBackSince = time.Time{}
		return
	}
	if wanted == 0 {
		// On-demand has all the work, so that nothing is learned of spot.
		return
	}
	if m.SpotBackSince.IsZero() {
		m.SpotBackSince = t.now
	}
	if back := m.SpotBackSince.Add(returnAfter); t.now.Before(back) {
		t.at(back)
		return
	}
	m.Fallback, m.SpotBackSince, m.SpotMissingSince = false, time.Time{}, time.Time{}
	t.say("spot has been back for " + returnAfter.String())
}

// heldOnDemand are tasks that stood in and stay until spot has proved itself.
func (t *trial) heldOnDemand(spot int) int {
	if t.memory.SpotBackSince.IsZero() {
		return 0
	}
	return min(t.worker.OnDemand.Running, spot)
}

// spotHasCome says that instances for the tasks have been had and are only
// starting: that is a cold start, not a dry market.
func (t *trial) spotHasCome() bool {
	if t.group == nil {
		return false
	}
	return t.group.Spot.usable() >= t.group.Spot.Desired && t.group.Spot.Desired > 0
}

// usable instances are had and take tasks, or will once they have started.
func (i Instances) usable() int {
	return max(0, i.InService+i.Pending-i.Impaired-i.Draining)
}
