package documents

import (
	"context"
	"time"
)

// Record is what became of one source.
type Record struct {
	Source   Source `json:"source"`
	State    State  `json:"state"`
	Attempts int    `json:"attempts"`
	// Result, Job and Reason are those of the outcome.
	Result string    `json:"result,omitempty"`
	Job    string    `json:"job,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Ended  time.Time `json:"ended,omitzero"`
}

// Running is the state of a source while an attempt holds it.
const Running State = "running"

// Ledger is a trigger's records, for whoever looks after it.
type Ledger interface {
	// List returns the records in any of some states; none means all of them.
	List(ctx context.Context, states ...State) ([]Record, error)
	// Reopen lets a source begin anew that failed for good. ErrDone if it did not.
	Reopen(ctx context.Context, source Source) error
}
