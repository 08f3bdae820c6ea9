package policies

import (
	"time"

	"tandem/planning/simulate"
)

// CantBeLate holds the rules of Wu et al., 'Can't Be Late: Optimizing Spot
// Instance Savings under Deadlines' (NSDI'24,
// https://www.usenix.org/conference/nsdi24/presentation/wu-zhanghao, 2026-11-24),
// for each job on its own, as they are written for:
//
//   - thrifty: nothing runs without work;
//   - safety net: a job whose slack is down to two changeovers goes on-demand and stays there;
//   - exploitation: a job stays on spot as long as it has it;
//   - greedy: waits for spot until the safety net;
//   - uniform progress: goes on-demand where it is behind an even share of its
//     work over its time, and stays until it is two changeovers ahead.
//
// The rules know how much work a job has. Jobs without a deadline wait for spot:
// the paper has none. Which job a task takes is up to the queue, as with the
// other policies.
type CantBeLate struct {
	// Uniform progress; else greedy.
	Uniform bool
	// Changeover is what moving a job costs: a cold start and a look.
	Changeover time.Duration
	// Maximum instances, and Slots of each.
	Maximum, Slots int

	ahead map[time.Time]bool
}

// Decide implements simulate.Policy.
func (c *CantBeLate) Decide(view *simulate.View) simulate.Target {
	worker := &view.Workers[0]
	onDemand := 0
	next := make(map[time.Time]bool, len(c.ahead))
	var lookAgain time.Time
	for i := range view.Dated {
		job := &view.Dated[i]
		slack := job.Deadline.Sub(view.At) - job.Remaining - 2*c.Changeover
		switch {
		case job.OnDemand && slack <= 0, !job.OnDemand && slack <= 0 && slack > -3*c.Changeover:
			onDemand++
			continue
		case slack > 0 && (lookAgain.IsZero() || view.At.Add(slack).Before(lookAgain)):
			lookAgain = view.At.Add(slack)
		}
		if c.Uniform && c.behind(view.At, job, next) {
			onDemand++
		}
	}
	c.ahead = next
	total := ceilDivide(worker.Waiting+worker.Running, c.Slots)
	onDemand = min(max(ceilDivide(onDemand, c.Slots), worker.OnDemand.Busy), total, c.Maximum)
	return simulate.Target{Spot: min(total-onDemand, c.Maximum-onDemand), OnDemand: onDemand, LookAgain: lookAgain}
}

// behind tells whether a job needs on-demand to keep to an even share of its
// work. Jobs are told apart by their arrival, which is enough here.
func (c *CantBeLate) behind(now time.Time, job *simulate.Dated, next map[time.Time]bool) bool {
	if job.Running && !job.OnDemand {
		return false // Exploitation.
	}
	all := job.Deadline.Sub(job.Arrived)
	even := time.Duration(float64(job.Duration) * float64(now.Sub(job.Arrived)) / float64(max(all, 1)))
	done := job.Duration - job.Remaining
	if c.ahead[job.Arrived] {
		even += 2 * c.Changeover // Hysteresis: on-demand until well ahead.
	}
	if done >= even {
		return false
	}
	next[job.Arrived] = true
	return true
}

func ceilDivide(a, b int) int { return (max(a, 0) + max(b, 1) - 1) / max(b, 1) }
