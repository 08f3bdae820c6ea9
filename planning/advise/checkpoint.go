package advise

import (
	"math"

	"tandem/planning/closedform"
)

// Checkpoint is how often to save the state of a task on spot.
type Checkpoint struct {
	// Cost of one, in seconds, and InterruptionsPerDay of one instance.
	Cost                float64 `json:"costSeconds"`
	InterruptionsPerDay float64 `json:"interruptionsPerDay"`
	// Young and Daly are the interval near the best, in seconds.
	Young float64 `json:"youngSeconds"`
	Daly  float64 `json:"dalySeconds"`
	// Task is its mean length; With and Without are its length on spot.
	Task    float64 `json:"taskSeconds"`
	With    float64 `json:"withSeconds"`
	Without float64 `json:"withoutSeconds"`
	// Needed is whether a task is longer than the interval.
	Needed bool `json:"needed"`
}

// interval to use: Daly's, which is Young's where a checkpoint is cheap.
func (c *Checkpoint) interval() float64 { return c.Daly }

// checkpoint is nil where there is no spot, or nothing is known of its interruptions.
func (p *planner) checkpoint() *Checkpoint {
	if p.hardware == nil || p.hardware.interruptions == 0 || p.own.empty() || p.w.Checkpoint == 0 {
		return nil
	}
	rate, cost := p.hardware.interruptions, p.w.Checkpoint.Seconds()
	c := &Checkpoint{Cost: cost, InterruptionsPerDay: rate * day, Young: closedform.Young(cost, rate), Daly: closedform.Daly(cost, rate), Task: p.own.mean}
	restart := instanceStart + p.fetch()
	c.With = withCheckpoints(p.own.mean, rate, restart, c.Daly, cost)
	c.Without = closedform.Rework(p.own.mean, rate, restart)
	if math.IsInf(c.Without, 1) {
		c.Without = math.MaxFloat64
	}
	c.Needed = p.own.mean > c.Daly
	return c
}
