package capacity

import "time"

// overhead: one part in so many of a job's time is taken to go into checkpoints,
// which is what one of ten seconds each five minutes takes.
const overhead = 32

// urgent is how many tasks deadlines ask for, beside those that are busy: the
// rule of 'Can't Be Late' (NSDI'24,
// https://www.usenix.org/conference/nsdi24/presentation/wu-zhanghao, 2026-11-24):
// as long as there is slack, spot may fail; once the slack is as short as a
// change to on-demand takes, only on-demand is sure to be in time.
//
// Jobs that wait need a slot of their own, as busy ones may stay busy for longer
// than there is slack; those that run on spot need one that stands by.
//
// While nothing is known of how long jobs take, one with a deadline needs a slot
// now.
//
// A job that is known not to be in time any more is not urgent: it would take
// on-demand capacity from one that can. What is only estimated does not tell
// that: a job that has never run may be shorter than most. Where long ones of
// its kind would be late already, but not the usual ones, it needs a slot now,
// and spot will do: how long it takes will be seen as it runs.
func (t *trial) urgent() (waiting, running, soon int) {
	// The controller looks each minute; two looks and a cold start are the change.
	change := t.coldStart() + 2*time.Minute
	var next time.Duration // until the first slack runs out
	for i := range t.worker.Deadlines {
		deadline := &t.worker.Deadlines[i]
		left := deadline.At.Sub(t.now)
		known := deadline.Remaining > 0
		remaining := deadline.Remaining
		if !known {
			remaining = t.worker.Duration.P95
		}
		// Saving checkpoints and reading them takes time, too.
		slack, usual := left-remaining-remaining/overhead, left-t.worker.Duration.P50
		switch {
		case left <= 0 || known && left < remaining || deadline.Running && deadline.OnDemand:
		case !known && !deadline.Running && t.worker.Duration.Count == 0 && slack > change:
			// Nobody knows how long it takes: it will be seen as it runs.
			soon++
		case slack > change:
			if next == 0 || slack-change < next {
				next = slack - change
			}
		case deadline.Running:
			running++
		case !known && slack < 0 && usual > change:
			soon++
			if next == 0 || usual-change < next {
				next = usual - change
			}
		default:
			waiting++
		}
	}
	if next > 0 {
		t.at(t.now.Add(next))
	}
	slots := t.policy.Slots
	return ceilDivide(waiting, slots), ceilDivide(running, slots), ceilDivide(soon, slots)
}
