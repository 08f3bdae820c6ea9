package capacity

import "time"

// Policy is what an environment wants: see docs/configuration.md, workers.*.scale
// and capacity.
type Policy struct {
	// Workers by name.
	Workers map[string]WorkerPolicy
	// Groups by name.
	Groups map[string]GroupPolicy
	// MaximumGPUs of the environment; 0 is no limit.
	MaximumGPUs int
}

// WorkerPolicy bounds and steers one worker.
type WorkerPolicy struct {
	// Group that the tasks run on; empty on Fargate.
	Group string
	// GPUs that one task reserves.
	GPUs int
	// Slots is how many jobs one task runs at once, at least 1.
	Slots int
	// Minimum and Maximum tasks, spot and on-demand together.
	Minimum, Maximum int
	// OnDemandBase tasks run on-demand whenever so many run at all.
	OnDemandBase int
	// HasSpot and HasOnDemand tell which services there are; one at least.
	HasSpot, HasOnDemand bool
	// TargetBacklog is how many waiting jobs one slot should have, above 0. Defaults to 1.
	TargetBacklog float64
	// TargetWait is how long a job may wait; 0 lets TargetBacklog decide.
	TargetWait time.Duration
	// FallbackAfter is how long spot may fail to come before on-demand takes its
	// place. Defaults to a minute.
	FallbackAfter time.Duration
	// IdleFor is how long an idle task is kept. Defaults to 2 minutes.
	IdleFor time.Duration
	// ColdStart to assume until one has been learned. Defaults to 5 minutes.
	ColdStart time.Duration
	// Schedule raises the minimum in windows of time.
	Schedule []Window
}

// GroupPolicy bounds one capacity group.
type GroupPolicy struct {
	// GPUs of one instance.
	GPUs int
	// SpotMaximum and OnDemandMaximum instances.
	SpotMaximum, OnDemandMaximum int
	// SpotShare is the price of spot as a share of that of on-demand, 0 to 1;
	// 0 is what is usual, 0.44.
	SpotShare float64
}

// Window is a span of the week in which a minimum holds.
type Window struct {
	// Days of the week; none is all.
	Days []time.Weekday
	// From and To since midnight in Location; From after To goes past midnight.
	From, To time.Duration
	// Location. Nil is UTC.
	Location *time.Location
	// Minimum tasks.
	Minimum int
}
