package capacity

import (
	"time"
)

const (
	// returnAfter is how long spot must have been whole before on-demand tasks that
	// stood in for it are let go: shorter, and a zone that flaps would buy a cold
	// start with every return.
	returnAfter = 5 * time.Minute
	// dryAtLeast is for how long a market that was dry is taken to be dry still.
	dryAtLeast = 10 * time.Minute
)

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
		spot, onDemand = t.standIn(spot, onDemand, kept, most)
	} else if margin := min(t.margin(spot), most-spot-max(onDemand, w.OnDemand.Busy)); margin > 0 {
		spot += margin
		t.say("# more spot, as so many are likely to be interrupted during a cold start", margin)
	}
	onDemand = max(onDemand, w.OnDemand.Busy)
	spot = max(spot, min(w.Spot.Running, kept-onDemand))
	t.decision.Spot, t.decision.OnDemand = spot, onDemand
	// A fleet that sleeps remembers that spot was dry, and nothing stands in.
	t.decision.Fallback = t.memory.Fallback && onDemand > 0
}

// shortJobs end before a spot task has started in place of an on-demand one: that
// those are busy with one job after the other must not keep the work there.
func (t *trial) shortJobs() bool {
	return t.worker.Duration.Count > 0 && t.worker.Duration.P95 <= t.coldStart()
}

// standIn puts on-demand in the place of spot tasks that are missing. Spot goes
// on being asked for, by one task at least: that is how its return is noticed,
// and what cannot be had costs nothing.
func (t *trial) standIn(spot, onDemand, kept, most int) (int, int) {
	w := t.worker
	have := min(w.Spot.Running, spot)
	missing := spot - have
	// Stand-ins that are idle stay for as long as any idle task does: else each
	// gap between jobs would buy a cold start.
	idle := min(w.OnDemand.Running, kept-w.Spot.Running)
	switch {
	case !t.spotPays:
		t.say("spot is taken back too soon to pay: # on-demand stand in", missing)
		return have, min(max(onDemand+missing, idle), most-have)
	case t.spotHasCome() && !t.storm():
		// What is missing only starts: on-demand that is still to come would start no
		// sooner, and what runs works on until spot does, and has proved itself.
		if missing > 0 {
			t.say("# spot start", missing)
		}
		return spot, max(onDemand, min(max(idle, min(w.OnDemand.Running, spot)), most-spot))
	}
	stand := max(onDemand+missing, min(max(idle, t.heldOnDemand(spot)), most-have))
	asked := min(missing, most-have-stand)
	if asked <= 0 && missing > 1 && stand > onDemand {
		stand, asked = stand-1, 1
	}
	if stand > onDemand {
		t.say("spot is dry or unsteady: # on-demand stand in", stand-onDemand)
	}
	return max(have+max(asked, 0), w.Spot.Busy), stand
}

// judgeSpot turns the fallback on and off.
func (t *trial) judgeSpot(wanted int) {
	m, w := &t.memory, t.worker
	missing := wanted > 0 && w.Spot.Running < wanted && w.Spot.Running < w.Spot.Desired && !t.spotHasCome()
	t.rememberDry(wanted, missing)
	if !missing {
		m.SpotMissingSince = time.Time{}
	} else if m.SpotMissingSince.IsZero() {
		m.SpotMissingSince = t.now
	}
	if t.storm() || wanted > 0 && !t.spotPays || missing && t.now.Sub(m.SpotMissingSince) >= t.policy.FallbackAfter {
		m.Fallback, m.SpotBackSince = true, time.Time{}
		return
	}
	if missing && !m.Fallback {
		t.at(m.SpotMissingSince.Add(t.policy.FallbackAfter))
	}
	if !m.Fallback {
		return
	}
	if w.Spot.Running < wanted || wanted == 0 && w.OnDemand.Running+w.OnDemand.Pending == 0 {
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

// rememberDry keeps a fleet that wakes from waiting for spot anew each time. What
// has been dry for a while is likely to be dry for as long again, the longer the
// longer: until then spot and on-demand are asked for at once, and whichever is
// not needed is given up a minute later. After that spot is tried first.
func (t *trial) rememberDry(wanted int, missing bool) {
	m, w := &t.memory, t.worker
	switch {
	case missing:
		if !m.DrySeen.IsZero() {
			m.DryFor += t.now.Sub(m.DrySeen)
		}
		m.DrySeen = t.now
	case wanted > 0 && w.Spot.Running >= wanted:
		m.DrySeen, m.DryFor = time.Time{}, 0
	}
	wakes := wanted > 0 && w.Spot.Desired+w.OnDemand.Desired == 0
	if wakes && t.now.Sub(m.DrySeen) > max(dryAtLeast, m.DryFor) {
		m.Fallback = false
	}
}

// heldOnDemand are tasks that stood in and stay beside spot that has just become
// whole, until it has proved itself.
func (t *trial) heldOnDemand(spot int) int {
	if t.worker.Spot.Running < spot {
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
