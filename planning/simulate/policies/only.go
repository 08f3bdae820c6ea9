package policies

import "tandem/runtime/capacity"

// OnDemandOnly sizes the fleet as [Ours] does and buys nothing but on-demand:
// what differs from ours is the price and that it never fails to come.
func OnDemandOnly(worker capacity.WorkerPolicy) *Ours {
	worker.HasSpot, worker.HasOnDemand = false, true
	return NewOurs(worker)
}

// SpotOnly sizes the fleet as [Ours] does and buys nothing but spot: where that
// is dry, jobs wait.
func SpotOnly(worker capacity.WorkerPolicy) *Ours {
	worker.HasSpot, worker.HasOnDemand, worker.OnDemandBase = true, false, 0
	return NewOurs(worker)
}
