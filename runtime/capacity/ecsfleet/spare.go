package ecsfleet

import (
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
)

// spareFor is how long the health agents believe what they were told.
const spareFor = 10 * time.Minute

// spare says whether what one spot instance runs could run elsewhere: whether
// each group that has spot instances could have one more.
func (c *Controller) spare(s *seen, decision capacity.Decision) fleetstate.Spare {
	spare := fleetstate.Spare{Cluster: c.options.Cluster, Until: s.observed.At.Add(spareFor)}
	for i, decided := range decision.Groups {
		observed := s.observed.Groups[i]
		if observed.Spot.InService == 0 {
			continue
		}
		if !hasRoom(observed, decided, c.options.Fleet.Groups[decided.Name], s.observed.At) {
			spare.Spare = false
			return spare
		}
		spare.Spare = true
	}
	return spare
}

// hasRoom is false after an instance could not be had, while some are on their
// way, while others drain, and at the maximum.
func hasRoom(observed capacity.GroupObserved, decided capacity.GroupDecision, bounds settings.FleetGroup, now time.Time) bool {
	for _, trouble := range observed.Trouble {
		if trouble.Spot && trouble.Kind == capacity.LaunchFailure && now.Sub(trouble.At) < 15*time.Minute {
			return false
		}
	}
	spot := observed.Spot
	return spot.InService >= spot.Desired && spot.Draining+spot.Impaired == 0 && max(spot.Desired, decided.Spot) < bounds.SpotMaximum
}

// mustTell says whether the agents must hear of it: when it has changed, or
// what they were told is about to end. What is not spare need not be repeated.
func mustTell(told, spare fleetstate.Spare, now time.Time) bool {
	return told.Spare != spare.Spare || spare.Spare && told.Until.Sub(now) < spareFor/2
}
