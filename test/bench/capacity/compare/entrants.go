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

// ByBacklog is ours for a worker whose configuration says nothing of a wait.
func ByBacklog() Entrant {
	return tuned("ours by backlog", func(p *capacity.WorkerPolicy) { p.TargetWait = 0 })
}

func tuned(name string, change func(*capacity.WorkerPolicy)) Entrant {
	return Entrant{name, func() simulate.Policy {
		worker := defaults()
		change(&worker)
		return policies.NewOurs(worker)
	}}
}

// Peers in the order of the table.
func Peers() []Entrant {
	const wait = 5 * time.Minute
	return []Entrant{
		{"on-demand only", func() simulate.Policy { return policies.OnDemandOnly(defaults()) }},
		{"spot only", func() simulate.Policy { return policies.SpotOnly(defaults()) }},
		{"CDK steps, spot", func() simulate.Policy { return policies.NewQueueProcessing(true, maximum, 1) }},
		{"CDK steps, on-demand", func() simulate.Policy { return policies.NewQueueProcessing(false, maximum, 1) }},
		backlog("backlog a task, spot", true, wait),
		backlog("backlog a task, on-demand", false, wait),
		skyServe("SkyServe", 1),
		{"Can't Be Late, greedy", func() simulate.Policy {
			return &policies.CantBeLate{Maximum: maximum, Slots: 1, Changeover: changeover}
		}},
		{"Can't Be Late, uniform", func() simulate.Policy {
			return &policies.CantBeLate{Uniform: true, Maximum: maximum, Slots: 1, Changeover: changeover}
		}},
	}
}

// usual duration of a job, for peers that want to be told one.
const usual = 10 * time.Minute

var changeover = cold.Total() + time.Minute

func backlog(name string, spot bool, wait time.Duration) Entrant {
	return Entrant{name, func() simulate.Policy { return policies.NewBacklogPerTask(spot, maximum, 1, wait, usual) }}
}

func skyServe(name string, extra int) Entrant {
	return Entrant{name, func() simulate.Policy {
		return &policies.SkyServe{Extra: extra, Maximum: maximum - extra, Slots: 1, Duration: usual}
	}}
}

// OtherSettings of the peers that have any, by the peers' names.
func OtherSettings() map[string][]Entrant {
	onDemandOnly := func(name string, change func(*capacity.WorkerPolicy)) Entrant {
		return Entrant{name, func() simulate.Policy {
			worker := defaults()
			change(&worker)
			return policies.OnDemandOnly(worker)
		}}
	}
	return map[string][]Entrant{
		"on-demand only": {
			onDemandOnly("on-demand only, idle 1m", func(p *capacity.WorkerPolicy) { p.IdleFor = time.Minute }),
			onDemandOnly("on-demand only, idle 20m", func(p *capacity.WorkerPolicy) { p.IdleFor = 20 * time.Minute }),
		},
		"backlog a task, spot":      {backlog("backlog a task, spot, wait 1h", true, time.Hour)},
		"backlog a task, on-demand": {backlog("backlog a task, on-demand, wait 1m", false, time.Minute), backlog("backlog a task, on-demand, wait 1h", false, time.Hour)},
		"SkyServe":                  {skyServe("SkyServe, none extra", 0), skyServe("SkyServe, two extra", 2)},
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
		tuned("minimum 3", warm(3, 15*time.Minute, false)),
		tuned("minimum 1", warm(1, 10*time.Minute, false)),
		tuned("on-demand only, minimum 8", warm(8, 20*time.Minute, true)),
		tuned("on-demand only, idle 20m", func(p *w) { p.HasSpot, p.IdleFor = false, 20*time.Minute }),
		tuned("on-demand only, minimum 1", warm(1, 10*time.Minute, true)),
		tuned("on-demand only, at once, idle 20m", warm(0, 20*time.Minute, true)),
		tuned("at once, idle 20m", warm(0, 20*time.Minute, false)),
		tuned("at once", func(p *w) { p.TargetWait, p.IdleFor = 0, 5*time.Minute }),
		tuned("wait 5m, idle 5m", func(p *w) { p.IdleFor = 5 * time.Minute }),
		tuned("wait 5m, idle 1m", func(p *w) { p.IdleFor = time.Minute }),
		tuned("wait 10m", func(p *w) { p.TargetWait, p.IdleFor = 10*time.Minute, time.Minute }),
		tuned("wait 1h, fallback 30m", func(p *w) { p.TargetWait, p.FallbackAfter, p.IdleFor = time.Hour, 30*time.Minute, time.Minute }),
		tuned("wait 6h, fallback 2d", func(p *w) { p.TargetWait, p.FallbackAfter, p.IdleFor = 6*time.Hour, 48*time.Hour, time.Minute }),
		tuned("on-demand only, idle 1m", func(p *w) { p.HasSpot, p.IdleFor = false, time.Minute }),
		tuned("on-demand only", func(p *w) { p.HasSpot = false }),
		tuned("on-demand only, wait 10m", func(p *w) { p.HasSpot, p.TargetWait, p.IdleFor = false, 10*time.Minute, time.Minute }),
		tuned("on-demand only, wait 1h", func(p *w) { p.HasSpot, p.TargetWait, p.IdleFor = false, time.Hour, time.Minute }),
		tuned("spot only, wait 5m, idle 1m", func(p *w) { p.HasOnDemand, p.IdleFor = false, time.Minute }),
		tuned("spot only, wait 1h, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, time.Hour, time.Minute }),
		tuned("spot only, wait 6h, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, 6*time.Hour, time.Minute }),
		tuned("spot only, wait 1d, idle 1m", func(p *w) { p.HasOnDemand, p.TargetWait, p.IdleFor = false, 24*time.Hour, time.Minute }),
	}
}
