package capacity

import "fmt"

// Observed is what is known of one worker.
type Observed struct {
	// Waiting jobs, in all priorities.
	Waiting int
	// Running jobs.
	Running int
	// Spot and OnDemand tasks that have been asked for.
	Spot, OnDemand int
}

// Policy bounds one worker.
type Policy struct {
	// Slots is how many jobs one task runs at once, at least 1.
	Slots int
	// Minimum and Maximum tasks, spot and on-demand together.
	Minimum, Maximum int
	// OnDemandBase tasks run on-demand always, if there are so many.
	OnDemandBase int
	// HasSpot and HasOnDemand tell which services there are; one at least.
	HasSpot, HasOnDemand bool
}

// Decision is how many tasks a worker should have.
type Decision struct {
	Spot, OnDemand int
	// Reason in words, for logs.
	Reason string
}

// Tasks of both kinds.
func (d Decision) Tasks() int { return d.Spot + d.OnDemand }

// Decide returns how many tasks the worker should have.
func Decide(observed Observed, policy Policy) Decision {
	slots := max(1, policy.Slots)
	jobs := observed.Waiting + observed.Running
	wanted := (jobs + slots - 1) / slots
	reason := fmt.Sprintf("%d waiting and %d running jobs in slots of %d need %d tasks", observed.Waiting, observed.Running, slots, wanted)
	if current := observed.Spot + observed.OnDemand; observed.Running > 0 && wanted < current {
		// Which of the tasks are the busy ones is not known here.
		wanted = current
		reason += fmt.Sprintf("; %d stay while jobs run", current)
	}
	bounded := min(max(wanted, policy.Minimum), policy.Maximum)
	if bounded != wanted {
		reason += fmt.Sprintf("; bounded to %d", bounded)
	}
	return split(bounded, policy, reason)
}

// split puts the base on-demand and the rest on spot, where there are both.
func split(tasks int, policy Policy, reason string) Decision {
	switch {
	case !policy.HasOnDemand:
		return Decision{Spot: tasks, Reason: reason}
	case !policy.HasSpot:
		return Decision{OnDemand: tasks, Reason: reason}
	default:
		base := min(tasks, policy.OnDemandBase)
		return Decision{Spot: tasks - base, OnDemand: base, Reason: reason}
	}
}
