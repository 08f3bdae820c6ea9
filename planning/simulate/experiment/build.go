package experiment

import (
	"io"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
	"tandem/runtime/capacity"
)

// season of arrivals that are drawn.
func (s *Scenario) season() simulate.Season {
	return simulate.Season{Swing: s.Arrivals.Swing, Quiet: s.Arrivals.WeekendQuiet}
}

func (s *Scenario) promise() simulate.Promise {
	if s.Deadlines == nil {
		return simulate.Promise{}
	}
	return simulate.Promise{Share: *s.Deadlines.Share, Low: s.Deadlines.Times[0], High: s.Deadlines.Times[1], Patience: s.Deadlines.Plus.Std()}
}

// durations that are drawn; nil where those of a trace count.
func (e *Experiment) durations() *simulate.Durations {
	d := &e.Scenario.Durations
	shapes := map[Distribution]simulate.Shape{Constant: simulate.Constant, Exponential: simulate.Exponential, Lognormal: simulate.Lognormal}
	shape, drawn := shapes[d.Distribution]
	if !drawn {
		return nil
	}
	return &simulate.Durations{Shape: shape, Mean: d.Mean.Std(), Spread: d.Spread}
}

// source of the jobs of the runs with a seed, the same for each policy.
func (e *Experiment) source(seed uint64) (simulate.Source, io.Closer, error) {
	s := &e.Scenario
	if s.Arrivals.Trace == "" {
		return &simulate.Generated{
			PerHour: s.Arrivals.PerHour, Burst: s.Arrivals.Burst, Length: s.Arrivals.Length.Std(), Season: s.season(),
			Durations: *e.durations(), Promise: s.promise(), HighShare: s.Priorities.High, LowShare: s.Priorities.Low, Seed: seed,
		}, io.NopCloser(nil), nil
	}
	dressed := &simulate.Dressed{Longer: s.Durations.Times, Promise: s.promise(), HighShare: s.Priorities.High, LowShare: s.Priorities.Low, Seed: seed}
	if s.Arrivals.Load > 0 {
		// The load is that of the durations as they will be.
		dressed.Longer = 1
		dressed.Source = &traces.Stretch{Recording: e.recording, Length: s.Arrivals.Length.Std(), Load: s.Arrivals.Load, Longer: s.Durations.Times, Season: s.season(), Seed: seed}
		return dressed, io.NopCloser(nil), nil
	}
	arrivals, file, err := e.openArrivals()
	if err != nil {
		return nil, nil, err
	}
	dressed.Durations = e.durations()
	dressed.Source = &traced{arrivals: arrivals, length: s.Arrivals.Length.Std()}
	return dressed, file, nil
}

// fleet that all policies size.
func (e *Experiment) fleet(seed uint64, market *simulate.Availability) simulate.Config {
	s := &e.Scenario
	cold := s.Instance.ColdStart
	return simulate.Config{
		Slots: s.Instance.Slots, Maximum: s.Policy.Maximum,
		ColdStart:  simulate.ColdStart{Launch: cold.Launch.Std(), Boot: cold.Boot.Std(), Image: cold.Image.Std(), Weights: cold.Weights.Std()},
		Checkpoint: simulate.Checkpoint{Interval: s.Checkpoint.Interval.Std(), Cost: s.Checkpoint.Cost.Std(), Restore: s.Checkpoint.Restore.Std(), OnNotice: s.Checkpoint.OnNotice},
		Spot:       market, Hazard: e.prices.hazard, Notice: s.Spot.Notice.Std(),
		SpotPrice: e.prices.spot, OnDemandPrice: e.prices.onDemand, Seed: seed,
		Arrivals: s.Arrivals.Length.Std(),
	}
}

// worker is the policy that is asked about, as production has it.
func (e *Experiment) worker() capacity.WorkerPolicy {
	s := &e.Scenario
	has := func(maximum *int) bool { return maximum == nil || *maximum > 0 }
	worker := capacity.WorkerPolicy{
		Slots: s.Instance.Slots, Minimum: s.Policy.Minimum, Maximum: s.Policy.Maximum, OnDemandBase: s.Policy.OnDemandBase,
		HasSpot: has(s.Instance.SpotMaximum), HasOnDemand: has(s.Instance.OnDemandMaximum),
		TargetBacklog: s.Policy.TargetBacklog, TargetWait: s.Policy.TargetWait.Std(),
		FallbackAfter: s.Policy.FallbackAfter.Std(), IdleFor: s.Policy.IdleFor.Std(),
	}
	for _, window := range s.Policy.Schedule {
		if read, err := windowOf(window); err == nil { // checked when it was read
			worker.Schedule = append(worker.Schedule, read)
		}
	}
	return worker
}
