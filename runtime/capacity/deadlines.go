package capacity

import "time"

// urgent is how many on-demand tasks deadlines ask for: the rule of 'Can't Be
// Late' (NSDI'24, https://www.usenix.org/conference/nsdi24/presentation/wu-zhanghao,
// 2026-11-24): as long as there is slack, spot may fail; once the slack is as
// short as a change to on-demand takes, only on-demand is sure to be in time.
//
// A job that no longer can be in time is not urgent: it would take on-demand
// capacity from one that can.
func (t *trial) urgent() int {
	waiting, running := 0, 0
	// The controller looks each minute; two looks and a cold start are the change.
	change := t.coldStart() + 2*time.Minute
	for _, deadline := range t.worker.Deadlines {
		remaining := deadline.Remaining
		if remaining <= 0 {
			remaining = t.worker.Duration.P95
		}
		slack := deadline.At.Sub(t.now) - remaining
		switch {
		case slack < 0 || deadline.Running && deadline.OnDemand:
		case slack > change:
			t.at(t.now.Add(slack - change))
		case deadline.Running:
			// On spot without slack for a change: a task stands by to take over.
			running++
		default:
			waiting++
		}
	}
	return t.worker.OnDemand.Busy*boolean(waiting+running > 0) + ceilDivide(waiting+running, t.policy.Slots)
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
