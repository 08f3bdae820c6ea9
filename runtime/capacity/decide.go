package capacity

import (
	"strconv"
	"time"
)

// Decide returns what the fleet should be. It is pure and total: the same
// inputs give the same decision, and no input makes it fail. Workers that the
// policy does not know are left at what they have.
func Decide(observed Observed, policy Policy) Decision {
	decision := Decision{
		Workers: make([]WorkerDecision, 0, len(observed.Workers)),
		Memory: Memory{Workers: make(map[string]WorkerMemory, len(observed.Workers)),
			Groups: make(map[string]GroupMemory, len(observed.Groups))},
	}
	groups, markets := make(map[string]*market, len(observed.Groups)), make([]market, len(observed.Groups))
	for i := range observed.Groups {
		group, m := &observed.Groups[i], &markets[i]
		m.group, m.share = group, policy.Groups[group.Name].SpotShare
		m.lives = observed.Memory.Groups[group.Name].learn(observed.At, group)
		groups[group.Name], decision.Memory.Groups[group.Name] = m, m.lives
	}
	trials := make([]trial, len(observed.Workers))
	words := make([]byte, 0, 256)
	for i := range observed.Workers {
		worker := &observed.Workers[i]
		bounds, known := policy.Workers[worker.Name]
		if !known {
			decision.Workers = append(decision.Workers, WorkerDecision{Name: worker.Name, Spot: worker.Spot.Desired,
				OnDemand: worker.OnDemand.Desired, Reason: "no policy names this worker; left as it is"})
			continue
		}
		t := &trials[i]
		t.now, t.worker, t.policy, t.spotPays = observed.At, worker, bounds.withDefaults(), true
		t.memory, t.reason = observed.Memory.Workers[worker.Name], words[:0]
		t.memory.upTo(observed.At)
		if m := groups[bounds.Group]; m != nil {
			t.group, t.spotPays = m.group, t.pays(m)
		}
		t.decide()
		words = t.reason
		decision.Workers = append(decision.Workers, t.decision)
		decision.LookAgain = earlier(decision.LookAgain, t.lookAgain)
	}
	limit(decision.Workers, trials, policy)
	for i := range trials {
		if trials[i].worker != nil {
			decision.Memory.Workers[trials[i].worker.Name] = trials[i].memory
		}
	}
	for i := range observed.Groups {
		decision.Groups = append(decision.Groups, floor(&observed.Groups[i], decision.Workers, trials, policy))
		decision.Avoid = append(decision.Avoid, avoid(observed.At, &observed.Groups[i])...)
	}
	return decision
}

// market is what a group's spot instances cost and how long they live.
type market struct {
	group *GroupObserved
	lives GroupMemory
	share float64
}

// trial is the decision on one worker while it is made.
type trial struct {
	now    time.Time
	worker *WorkerObserved
	policy WorkerPolicy
	group  *GroupObserved
	memory WorkerMemory
	// spotPays where spot instances of the group live long enough.
	spotPays bool

	decision  WorkerDecision
	lookAgain time.Time
	// reason is written into a space that all workers share.
	reason []byte
}

func (t *trial) decide() {
	t.decision.Name = t.worker.Name
	needed := t.demand()
	t.decision.Wanted = needed
	if warm := t.warm(); warm > needed {
		t.say("# kept warm, as the next job is likely to come within a cold start", warm)
		needed = warm
	}
	waiting, running, soon := t.urgent()
	// Those that wait before an urgent job take the slots that are started for it.
	if hurry := t.worker.Spot.Busy + t.worker.OnDemand.Busy + max(waiting+soon, ceilDivide(t.worker.Waiting, t.policy.Slots)); waiting+soon > 0 && needed < hurry {
		t.say("# tasks, as deadlines leave no time to wait for others", hurry)
		needed = hurry
	}
	needed = t.bound(needed)
	t.split(needed, t.idle(needed), waiting+running)
	t.decision.Reason = string(t.reason)
}

// say adds to the reason, with the numbers in the places of #. A decision is
// made for every worker each minute, and in simulations a million times: fmt
// took most of it.
func (t *trial) say(text string, numbers ...int) {
	if len(t.reason) > 0 {
		t.reason = append(t.reason, "; "...)
	}
	for i := range len(text) {
		if text[i] == '#' && len(numbers) > 0 {
			t.reason = strconv.AppendInt(t.reason, int64(numbers[0]), 10)
			numbers = numbers[1:]
			continue
		}
		t.reason = append(t.reason, text[i])
	}
}

// bound holds the total between minimum and maximum, and never below what is
// busy: a maximum that was lowered meanwhile lets jobs end.
func (t *trial) bound(total int) int {
	minimum := max(t.policy.Minimum, scheduled(t.now, t.policy.Schedule))
	if total < minimum {
		t.say("at least # by minimum and schedule", minimum)
		total = minimum
	}
	if total > t.policy.Maximum {
		t.decision.Limited = "maximum of " + strconv.Itoa(t.policy.Maximum) + " tasks"
		t.say("at most #", t.policy.Maximum)
		total = t.policy.Maximum
	}
	return max(total, t.worker.Spot.Busy+t.worker.OnDemand.Busy)
}

// at asks for another look at a moment, if it lies ahead.
func (t *trial) at(moment time.Time) {
	if moment.After(t.now) {
		t.lookAgain = earlier(t.lookAgain, moment)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (p WorkerPolicy) withDefaults() WorkerPolicy {
	p.Slots = max(p.Slots, 1)
	p.Maximum = max(p.Maximum, 0)
	if p.TargetBacklog <= 0 {
		p.TargetBacklog = 1
	}
	p.FallbackAfter = orElse(p.FallbackAfter, time.Minute)
	p.IdleFor = orElse(p.IdleFor, 2*time.Minute)
	p.ColdStart = orElse(p.ColdStart, 5*time.Minute)
	return p
}

func orElse(duration, usual time.Duration) time.Duration {
	if duration > 0 {
		return duration
	}
	return usual
}
