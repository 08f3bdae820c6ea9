package policies

import (
	"tandem/planning/simulate"
	"tandem/runtime/capacity"
)

// Ours is the policy that runs in production, with its memory.
type Ours struct {
	// Policy of the one worker.
	Policy capacity.Policy
	memory capacity.Memory
}

// NewOurs applies a worker's policy to the one worker of a simulation.
func NewOurs(worker capacity.WorkerPolicy) *Ours {
	worker.Group, worker.GPUs = simulate.Worker, 1
	return &Ours{Policy: capacity.Policy{
		Workers: map[string]capacity.WorkerPolicy{simulate.Worker: worker},
		Groups: map[string]capacity.GroupPolicy{simulate.Worker: {GPUs: 1,
			SpotMaximum: worker.Maximum, OnDemandMaximum: worker.Maximum}},
	}}
}

// Decide implements simulate.Policy.
func (o *Ours) Decide(view *simulate.View) simulate.Target {
	view.Memory = o.memory
	decision := capacity.Decide(view.Observed, o.Policy)
	o.memory = decision.Memory
	worker := decision.Workers[0]
	return simulate.Target{Spot: worker.Spot, OnDemand: worker.OnDemand, LookAgain: decision.LookAgain}
}
