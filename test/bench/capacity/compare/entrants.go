package compare

import (
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

// maximum instances, for everybody.
const maximum = 20

// Entrant is a policy with its settings. New is called for each run, as
// policies remember.
type Entrant struct {
	Name string
	New  func() simulate.Policy
}

// defaults are what a worker of this product has if its configuration says no
// more than a wait.
func defaults() capacity.WorkerPolicy {
	return capacity.WorkerPolicy{Slots: 1, Maximum: maximum, HasSpot: true, HasOnDemand: true, TargetWait: 5 * time.Minute}
}

// Ours is the production policy by its defaults.
func Ours() Entrant { return tuned("ours", func(*capacity.WorkerPolicy) {}) }

func tuned(name string, change func(*capacity.WorkerPolicy)) Entrant {
	return Entrant{name, func() simulate.Policy {
		worker := defaults()
		change(&worker)
		return policies.NewOurs(worker)
	}}
}

// Peers in the order of the table.
func Peers() []Entrant {
	const wait, duration = 5 * time.Minute, 10 * time.Minute
	changeover := cold.Total() + time.Minute
	return []Entrant{
		{"on-demand only", func() simulate.Policy { return policies.OnDemandOnly(defaults()) }},
		{"spot only", func() simulate.Policy { return policies.SpotOnly(defaults()) }},
		{"CDK steps, spot", func() simulate.Policy { return policies.NewQueueProcessing(true, maximum, 1) }},
		{"CDK steps, on-demand", func() simulate.Policy { return policies.NewQueueProcessing(false, maximum, 1) }},
		{"backlog a task, spot", func() simulate.Policy { return policies.NewBacklogPerTask(true, maximum, 1, wait, duration) }},
		{"backlog a task, on-demand", func() simulate.Policy { return policies.NewBacklogPerTask(false, maximum, 1, wait, duration) }},
		{"SkyServe", func() simulate.Policy {
			return &policies.SkyServe{Extra: 1, Maximum: maximum - 1, Slots: 1, Duration: duration}
		}},
		{"Can't Be Late, greedy", func() simulate.Policy {
			return &policies.CantBeLate{Maximum: maximum, Slots: 1, Changeover: changeover}
		}},
		{"Can't Be Late, uniform", func() simulate.Policy {
			return &policies.CantBeLate{Uniform: true, Maximum: maximum, Slots: 1, Changeover: changeover}
		}},
	}
}

// Tuned are other settings of the production policy, from the fastest to the
// cheapest: what somebody would choose who wants a peer's wait.
func Tuned() []Entrant {
	type w = capacity.WorkerPolicy
	warm := func(minimum int, idle time.Duration, spare bool) func(*w) {
		return func(p *w) { p.Minimum, p.TargetWait, p.IdleFor, p.HasSpot = minimum, 0, idle, !spare }
	}
	return []Entrant{
		tuned("minimum 8", warm(8, 20*time.Minute, false)),
		tuned("minimum 5", warm(5, 15*time.Minute, false)),
		tuned("minimum 3", warm(3, 15*time.Minute, false)),
		tuned("minimum 2", warm(2, 10*time.Minute, false)),
		tuned("minimum 1", warm(1, 10*time.Minute, false)),
		tuned("on-demand only, minimum 8", warm(8, 20*time.Minute, true)),
		tuned("on-demand only, minimum 5", warm(5, 15*time.Minute, true)),
		tuned("on-demand only, minimum 1", warm(1, 10*time.Minute, true)),
		tuned("at once", func(p *w) { p.TargetWait, p.IdleFor = 0, 5*time.Minute }),
		tuned("wait 5m, idle 5m", func(p *w) { p.IdleFor = 5 * time.Minute }),
		tuned("wait 5m, idle 1m", func(p *w) { p.IdleFor = time.Minute }),
		tuned("wait 10m", func(p *w) { p.TargetWait, p.IdleFor = 10*time.Minute, time.Minute }),
		tuned("wait 20m", func(p *w) { p.TargetWait, p.IdleFor = 20*time.Minute, time.Minute }),
		tuned("wait 1h, fallback 30m", func(p *w) { p.TargetWait, p.FallbackAfter, p.IdleFor = time.Hour, 30*time.Minute, time.Minute }),
		tuned("wait 1h, fallback 2h", func(p *w) { p.TargetWait, p.FallbackAfter, p.IdleFor = time.Hour, 2*time.Hour, time.Minute }),
		tuned("wait 6h, fallback 2d", func(p *w) { p.TargetWait, p.FallbackAfter, p.IdleFor = 6*time.Hour, 48*time.Hour, time.Minute }),
		tuned("on-demand only, wait 5m, idle 5m", func(p *w) { p.HasSpot, p.IdleFor = false, 5*time.Minute }),
		tuned("on-demand only", func(p *w) { p.HasSpot = false }),
		tuned("on-demand only, wait 10m", func(p *w) { p.HasSpot, p.TargetWait, p.IdleFor = false, 10*time.Minute, time.Minute }),
		tuned("on-demand only, wait 1h", func(p *w) { p.HasSpot, p.TargetWait, p.IdleFor = false, time.Hour, time.Minute }),
		tuned("spot only, wait 5m, idle 1m", func(p *w) { p.HasOnDemand, p.IdleFor = false, time.Minute }),
		tuned("spot only, wait 1h, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, time.Hour, time.Minute }),
		tuned("spot only, wait 6h, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, 6*time.Hour, time.Minute }),
		tuned("spot only, wait 1d, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, 24*time.Hour, time.Minute }),
	}
}
