package capacity

import (
	"fmt"
	"strings"
	"time"
)

// Decide returns what the fleet should be. It is pure and total: the same
// inputs give the same decision, and no input makes it fail. Workers that the
// policy does not know are left at what they have.
func Decide(observed Observed, policy Policy) Decision {
	decision := Decision{
		Workers: make([]WorkerDecision, 0, len(observed.Workers)),
		Memory:  Memory{Workers: make(map[string]WorkerMemory, len(observed.Workers))},
	}
	groups := make(map[string]*GroupObserved, len(observed.Groups))
	for i := range observed.Groups {
		groups[observed.Groups[i].Name] = &observed.Groups[i]
	}
	trials := make([]trial, 0, len(observed.Workers))
	for i := range observed.Workers {
		worker := &observed.Workers[i]
		bounds, known := policy.Workers[worker.Name]
		if !known {
			decision.Workers = append(decision.Workers, WorkerDecision{Name: worker.Name, Spot: worker.Spot.Desired,
				OnDemand: worker.OnDemand.Desired, Reason: "no policy names this worker; left as it is"})
			trials = append(trials, trial{})
			continue
		}
		t := trial{
			now: observed.At, worker: worker, policy: bounds.withDefaults(), group: groups[bounds.Group],
			memory: observed.Memory.Workers[worker.Name],
		}
		t.decide()
		decision.Workers = append(decision.Workers, t.decision)
		decision.LookAgain = earlier(decision.LookAgain, t.lookAgain)
		trials = append(trials, t)
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

// trial is the decision on one worker while it is made.
type trial struct {
	now    time.Time
	worker *WorkerObserved
	policy WorkerPolicy
	group  *GroupObserved
	memory WorkerMemory

	decision  WorkerDecision
	lookAgain time.Time
	reasons   []string
}

func (t *trial) decide() {
	t.decision.Name = t.worker.Name
	needed := t.demand()
	t.decision.Wanted = needed
	if warm := t.warm(); warm > needed {
		t.say("%d kept warm, as the next job is likely to come within a cold start", warm)
		needed = warm
	}
	needed = t.bound(needed)
	t.split(needed, t.idle(needed))
	t.decision.Reason = strings.Join(t.reasons, "; ")
}

func (t *trial) say(format string, arguments ...any) {
	t.reasons = append(t.reasons, fmt.Sprintf(format, arguments...))
}

// bound holds the total between minimum and maximum, and never below what is
// busy: a maximum that was lowered meanwhile lets jobs end.
func (t *trial) bound(total int) int {
	minimum := max(t.policy.Minimum, scheduled(t.now, t.policy.Schedule))
	if total < minimum {
		t.say("at least %d by minimum and schedule", minimum)
		total = minimum
	}
	if total > t.policy.Maximum {
		t.decision.Limited = fmt.Sprintf("maximum of %d tasks", t.policy.Maximum)
		t.say("at most %d", t.policy.Maximum)
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
	for _, duration := range []*time.Duration{&p.FallbackAfter, &p.IdleFor, &p.ColdStart} {
		if *duration <= 0 {
			*duration = 5 * time.Minute
		}
	}
	return p
}
