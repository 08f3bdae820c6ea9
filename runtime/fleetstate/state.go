// Package fleetstate is what is known of the fleet between one run of the
// capacity controller and the next, and what others tell it: the sweeper of jobs,
// workers of durations (runtime/fleetreport). It decides nothing and speaks to nobody; capacity/dynamofleet keeps it.
package fleetstate

import (
	"errors"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetreport"
)

// ErrConflict says that another run has written the state meanwhile.
var ErrConflict = errors.New("another run of the controller was faster")

// Snapshot is everything at one moment.
type Snapshot struct {
	State State
	Jobs  Jobs
	// Durations of the jobs of each worker.
	Durations map[string]fleetreport.Histogram
}

// State is what the controller remembers from one run to the next. Losing it
// costs what a first run costs: hysteresis, trouble and what was learned start anew.
type State struct {
	// Version counts writes; it is kept beside the body and conditions the next write.
	Version int64 `json:"-"`
	// At is when the run began that wrote it.
	At time.Time `json:"at"`
	// Memory of capacity.Decide.
	Memory capacity.Memory `json:"memory"`
	// Trouble of the last hour by capacity group, oldest first.
	Trouble map[string][]capacity.Trouble `json:"trouble,omitempty"`
	// Doomed are instances that EC2 has announced to take back, and when.
	Doomed map[string]time.Time `json:"doomed,omitempty"`
	// Workers by name.
	Workers map[string]Worker `json:"workers,omitempty"`
	// Spare is what the health agents were told last.
	Spare Spare `json:"spare"`
	// Decision is what was decided last, for people.
	Decision Decision `json:"decision"`
}

// Worker is what is learned of one worker while it is scaled.
type Worker struct {
	// Woken is when a submit woke it last: queues count late, a submit does not.
	Woken time.Time `json:"woken,omitzero"`
	// Asked is since when tasks have been asked for while none runs.
	Asked time.Time `json:"asked,omitzero"`
	// ColdStart in seconds from there to a running task, smoothed.
	ColdStart float64 `json:"cold,omitempty"`
	// Ended jobs when the rate was last looked at, and when that was.
	Ended   int       `json:"ended,omitempty"`
	Counted time.Time `json:"counted,omitzero"`
	// Rate of jobs a second that end, smoothed; in the long run as many arrive.
	Rate float64 `json:"rate,omitempty"`
	// FallbackSince is since when on-demand has stood in for spot.
	FallbackSince time.Time `json:"fallback,omitzero"`
}

// Decision is what a run decided, in a form that the command line and the
// dashboard show.
type Decision struct {
	Workers   map[string]WorkerDecision `json:"workers,omitempty"`
	Avoid     []capacity.Avoidance      `json:"avoid,omitempty"`
	LookAgain time.Time                 `json:"lookAgain,omitzero"`
}

// WorkerDecision is what was decided for one worker, and from what.
type WorkerDecision struct {
	Waiting  int `json:"waiting"`
	Running  int `json:"running"`
	Spot     int `json:"spot"`
	OnDemand int `json:"onDemand"`
	// SpotRunning and OnDemandRunning tasks when it was decided.
	SpotRunning     int    `json:"spotRunning"`
	OnDemandRunning int    `json:"onDemandRunning"`
	Wanted          int    `json:"wanted"`
	Limited         string `json:"limited,omitempty"`
	Fallback        bool   `json:"fallback,omitempty"`
	Reason          string `json:"reason"`
}

// Saved is what others read without the rest.
type Saved struct {
	// Tasks that each worker has or has been asked for.
	Tasks map[string]int
	// Spare is told to the health agents; nil where what they were told still holds.
	Spare *Spare
}

// Spare says whether what one instance runs could run elsewhere. A health agent
// drains its instance on a mere recommendation to rebalance only then. It is an
// item of its own, in the agents' partition: see settings.AgentPartition.
type Spare struct {
	Cluster string    `json:"-"`
	Spare   bool      `json:"spare"`
	Until   time.Time `json:"until"`
}
