package jobs

import "time"

// Step is the memoised result of one step of an agent: stored once, never overwritten.
type Step struct {
	// Key that the agent chose, 1 to [MaxStepKey] bytes.
	Key    string
	Result Payload
	// Fence of the attempt that stored it.
	Fence  int64
	Stored time.Time
	// ExpiresAt is when it disappears.
	ExpiresAt time.Time
}

// Checkpoint is the place that a restarted attempt goes on from.
type Checkpoint struct {
	Data Payload
	// Fence of the attempt that saved it.
	Fence int64
	Saved time.Time
	// ExpiresAt is when it disappears.
	ExpiresAt time.Time
}

// EventPosition orders events: by attempt, then by number. A reader that sees
// a higher fence discards the output of lower ones.
type EventPosition struct {
	Fence    int64
	Sequence int64
}

// Less tells whether p comes before q.
func (p EventPosition) Less(q EventPosition) bool {
	if p.Fence != q.Fence {
		return p.Fence < q.Fence
	}
	return p.Sequence < q.Sequence
}

// Event is a piece of partial output.
type Event struct {
	EventPosition
	// Data up to [MaxEvent] bytes.
	Data []byte
	At   time.Time
	// ExpiresAt is when it disappears.
	ExpiresAt time.Time
}

// MaxEvent bounds one piece of partial output, in bytes.
const MaxEvent = 16 << 10
