package policies

import (
	"math"
	"time"

	"tandem/planning/simulate"
)

// SkyServe is SpotHedge, the rule of SkyServe (Mao et al., 'SkyServe: Serving AI
// Models across Regions and Clouds with Spot Instances', EuroSys'25,
// https://arxiv.org/abs/2411.01438, 2026-11-24): spot instances are
// over-provisioned by a fixed number, and on-demand stands in at once for every
// spot instance that is missing, until it is ready: with a target of N and S
// spot ready, N + extra on spot and min(N, N + extra - S) on-demand.
//
// The target follows the rate of requests over a minute, up after five minutes
// above it and down after twenty below, as SkyServe's request-rate autoscaler
// does by default (https://docs.skypilot.co/en/latest/serving/autoscaling.html,
// 2026-11-24). For jobs, a replica's rate is its slots over the mean duration;
// what waits counts as well, or a backlog would never be worked off. A target of
// zero is left at once, as SkyServe leaves zero replicas. Choosing among zones
// and regions is not modelled: a trace is one zone.
type SkyServe struct {
	// Extra spot instances; the paper's default is 1.
	Extra int
	// Maximum of the target, and Slots of an instance.
	Maximum, Slots int
	// Duration of a job until one is known.
	Duration time.Duration

	target, arrived int
	minute          time.Time
	above, below    time.Time
}

const (
	growAfter   = 5 * time.Minute
	shrinkAfter = 20 * time.Minute
)

// Decide implements simulate.Policy.
func (s *SkyServe) Decide(view *simulate.View) simulate.Target {
	worker := &view.Workers[0]
	work := worker.Waiting + worker.Running
	if passed := view.At.Sub(s.minute); s.minute.IsZero() || passed >= time.Minute {
		s.follow(view, passed)
	}
	if s.target == 0 && work > 0 {
		s.target = 1
	}
	if s.target == 0 {
		return simulate.Target{}
	}
	missing := s.target + s.Extra - worker.Spot.Running
	return simulate.Target{Spot: s.target + s.Extra, OnDemand: min(max(missing, 0), s.target)}
}

// follow moves the target to what a minute asked for.
func (s *SkyServe) follow(view *simulate.View, passed time.Duration) {
	worker := &view.Workers[0]
	duration := s.Duration
	if worker.Duration.Count > 0 {
		duration = worker.Duration.Mean
	}
	load := float64(worker.Waiting + worker.Running)
	if !s.minute.IsZero() {
		load = max(load, float64(view.Arrived-s.arrived)/passed.Seconds()*duration.Seconds())
	}
	s.minute, s.arrived = view.At, view.Arrived
	wanted := min(int(math.Ceil(load/float64(max(s.Slots, 1)))), s.Maximum)
	since := func(what *time.Time, on bool) time.Duration {
		if !on {
			*what = time.Time{}
			return 0
		}
		if what.IsZero() {
			*what = view.At
		}
		return view.At.Sub(*what)
	}
	up, down := since(&s.above, wanted > s.target), since(&s.below, wanted < s.target)
	if up >= growAfter || down >= shrinkAfter {
		s.target, s.above, s.below = wanted, time.Time{}, time.Time{}
	}
}
