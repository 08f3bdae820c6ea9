package ecsfleet

import (
	"maps"
	"math"
	"slices"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
)

const (
	// keepTrouble is how far back capacity.Decide looks.
	keepTrouble = time.Hour
	// mostTrouble of a group that is kept: more tells nothing new.
	mostTrouble = 50
	// keepDoomed is how long an instance counts as going: EC2 takes it back two
	// minutes after its notice, and the group notices within a few more.
	keepDoomed = 10 * time.Minute
	// coldStartWeight of a new cold start beside those before.
	coldStartWeight = 0.3
	// rateOver is the time that the arrival rate is smoothed over.
	rateOver = 30 * time.Minute
)

// learnTrouble adds what the event says to what is known, and forgets what is old.
func (s *seen) learnTrouble(fleet settings.Fleet, now time.Time) {
	trouble, doomed := map[string][]capacity.Trouble{}, map[string]time.Time{}
	if s.trigger.At.After(now) {
		// Another clock is ahead: what has happened has happened by now.
		s.trigger.At = now
	}
	for name, known := range s.snapshot.State.Trouble {
		known = slices.DeleteFunc(slices.Clone(known), func(t capacity.Trouble) bool { return now.Sub(t.At) >= keepTrouble })
		if len(known) > 0 {
			trouble[name] = known
		}
	}
	for id, at := range s.snapshot.State.Doomed {
		if now.Sub(at) < keepDoomed {
			doomed[id] = at
		}
	}
	// Of several instances that are taken back in one second each counts; doomed
	// tells them apart, and a message that comes twice.
	if name, found := s.trouble(fleet, doomed); name != "" && (found.Kind == capacity.Interruption || !slices.Contains(trouble[name], found)) {
		trouble[name] = append(trouble[name], found)
		trouble[name] = trouble[name][max(0, len(trouble[name])-mostTrouble):]
		s.fresh = found.Kind
	}
	s.snapshot.State.Trouble, s.snapshot.State.Doomed = trouble, doomed
}

// trouble is what the event tells of one of the fleet's groups, and the name of
// that; events tell of all instances of the account.
func (s *seen) trouble(fleet settings.Fleet, doomed map[string]time.Time) (string, capacity.Trouble) {
	for _, name := range slices.Sorted(maps.Keys(fleet.Groups)) {
		for _, group := range []string{fleet.Groups[name].Spot, fleet.Groups[name].OnDemand} {
			spot := group == fleet.Groups[name].Spot
			if s.trigger.Source == LaunchFailure && group != "" && group == s.trigger.Group {
				return name, capacity.Trouble{Kind: capacity.LaunchFailure, At: s.trigger.At, Spot: spot, Zone: s.trigger.Zone, Reason: s.trigger.Reason}
			}
			for _, member := range s.groups[group].instances {
				_, known := doomed[member.id]
				if s.trigger.Source == Interruption && member.id == s.trigger.Instance && !known {
					doomed[member.id] = s.trigger.At
					return name, capacity.Trouble{Kind: capacity.Interruption, At: s.trigger.At, Spot: spot, Zone: member.zone, Type: member.kind}
				}
			}
		}
	}
	return "", capacity.Trouble{}
}

// next is the state that the run leaves behind.
func (c *Controller) next(s *seen, decision capacity.Decision) (fleetstate.State, fleetstate.Saved) {
	state := s.snapshot.State
	state.At, state.Memory = s.observed.At, decision.Memory
	state.Decision = fleetstate.Decision{Workers: map[string]fleetstate.WorkerDecision{}, Avoid: decision.Avoid, LookAgain: decision.LookAgain}
	workers := map[string]fleetstate.Worker{}
	saved := fleetstate.Saved{Tasks: map[string]int{}}
	for i, decided := range decision.Workers {
		observed := s.observed.Workers[i]
		workers[decided.Name] = learn(state.Workers[decided.Name], observed, decided, s.snapshot.Durations[decided.Name].Count, s.observed.At)
		saved.Tasks[decided.Name] = decided.Tasks()
		state.Decision.Workers[decided.Name] = fleetstate.WorkerDecision{
			Waiting: observed.Waiting, Running: observed.Running, Spot: decided.Spot, OnDemand: decided.OnDemand,
			SpotRunning: observed.Spot.Running, OnDemandRunning: observed.OnDemand.Running,
			Wanted: decided.Wanted, Limited: decided.Limited, Fallback: decided.Fallback, Reason: decided.Reason,
		}
	}
	state.Workers = workers
	if spare := c.spare(s, decision); mustTell(state.Spare, spare, s.observed.At) {
		state.Spare, saved.Spare = spare, &spare
	}
	return state, saved
}

// learn is what a run adds to what is known of a worker.
func learn(known fleetstate.Worker, observed capacity.WorkerObserved, decided capacity.WorkerDecision, ended int, now time.Time) fleetstate.Worker {
	runs := observed.Spot.Running+observed.OnDemand.Running > 0
	switch {
	case runs && !known.Asked.IsZero():
		took := now.Sub(known.Asked).Seconds()
		if known.ColdStart == 0 {
			known.ColdStart = took
		}
		known.ColdStart += coldStartWeight * (took - known.ColdStart)
		known.Asked = time.Time{}
	case runs || decided.Tasks() == 0:
		known.Asked = time.Time{}
	case known.Asked.IsZero():
		known.Asked = now
	}
	if decided.Fallback && known.FallbackSince.IsZero() {
		known.FallbackSince = now
	} else if !decided.Fallback {
		known.FallbackSince = time.Time{}
	}
	return rate(known, ended, now)
}

// rate smooths how many jobs a second end. A count that has shrunk has lost a
// week that expired, and tells nothing.
func rate(known fleetstate.Worker, ended int, now time.Time) fleetstate.Worker {
	passed := now.Sub(known.Counted)
	if !known.Counted.IsZero() && ended >= known.Ended && passed > 0 {
		weight := 1 - math.Exp(-passed.Seconds()/rateOver.Seconds())
		known.Rate += weight * (float64(ended-known.Ended)/passed.Seconds() - known.Rate)
		if known.Rate < 1e-6 {
			known.Rate = 0
		}
	}
	known.Ended, known.Counted = ended, now
	return known
}
