package capacity

import "time"

// Decision is what a fleet should be.
type Decision struct {
	// Workers in the order in which they were observed.
	Workers []WorkerDecision
	// Groups in the order in which they were observed.
	Groups []GroupDecision
	// Avoid zones and types for a time, where trouble has piled up.
	Avoid []Avoidance
	// LookAgain is when something changes even if nothing happens before: an idle
	// time ends, a fallback begins, a deadline's slack runs out. Zero is never.
	LookAgain time.Time
	// Memory is handed to the next run as it is.
	Memory Memory
}

// WorkerDecision is how many tasks one worker should have.
type WorkerDecision struct {
	Name string
	// Spot and OnDemand are the services' desired counts.
	Spot, OnDemand int
	// Wanted is what the work alone asks for, before limits.
	Wanted int
	// Limited says what kept the worker from what it wants, in words; empty when nothing did.
	Limited string
	// Fallback is set while on-demand stands in for spot.
	Fallback bool
	// Reason in words, for the log and the dashboard.
	Reason string
}

// Tasks of both kinds.
func (d WorkerDecision) Tasks() int { return d.Spot + d.OnDemand }

// GroupDecision is how many instances a group needs for the tasks that were
// decided: a floor for its desired capacity, never a reason to lower it.
type GroupDecision struct {
	Name           string
	Spot, OnDemand int
}

// Avoidance is a zone or a type with which there was trouble.
type Avoidance struct {
	Group string
	// Zone or Type; one is set.
	Zone, Type string
	Until      time.Time
	Reason     string
}

// Memory is what one decision hands to the next. It is small, travels as JSON,
// and losing it costs no more than a first run does: a hysteresis starts anew.
type Memory struct {
	Workers map[string]WorkerMemory `json:"w,omitempty"`
	Groups  map[string]GroupMemory  `json:"g,omitempty"`
}

// WorkerMemory of one worker.
type WorkerMemory struct {
	// SpotMissingSince is since when spot tasks that were asked for have not come.
	SpotMissingSince time.Time `json:"missing,omitzero"`
	// SpotBackSince is since when spot has been whole again during a fallback.
	SpotBackSince time.Time `json:"back,omitzero"`
	// DrySeen is when spot was last known not to come, and DryFor for how long
	// nothing had been seen of it by then.
	DrySeen time.Time     `json:"dry,omitzero"`
	DryFor  time.Duration `json:"dryFor,omitempty"`
	// Fallback is on.
	Fallback bool `json:"fallback,omitempty"`
	// IdleSince is since when fewer tasks were needed than run, and Peak the most
	// that were needed since.
	IdleSince time.Time `json:"idle,omitzero"`
	Peak      int       `json:"peak,omitempty"`
}

// upTo takes what was remembered by a clock that was ahead for as of now: else
// waits that begin in the future would last as much longer.
func (m *WorkerMemory) upTo(now time.Time) {
	for _, moment := range []*time.Time{&m.SpotMissingSince, &m.SpotBackSince, &m.DrySeen, &m.IdleSince} {
		if moment.After(now) {
			*moment = now
		}
	}
}
