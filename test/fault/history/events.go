package history

import "time"

// Invocation is one call of a container, as the container tells it.
type Invocation struct {
	Container string
	Job       string
	Fence     int64
	Begun     time.Time
	// Ended is zero if the container was killed meanwhile.
	Ended time.Time
	// Outcome is how it ended; see the Outcomes of the package model.
	Outcome string
	// Answer identifies what was answered, if it was a result.
	Answer string
	// Steps that the answer was made of, by their keys.
	Steps map[string]string
}

// StepEvent is one thing that a container did about a step.
type StepEvent struct {
	Container string
	Job       string
	Fence     int64
	Key       string
	// Did is "missed" when it asked in vain and runs it, "stored" when it knows
	// that it is stored, and as what.
	Did   string
	Value string
	// Begun and Ended are when it asked for it and when it knew.
	Begun, Ended time.Time
}

// End is what a worker says about an attempt's end, in its log.
type End struct {
	Worker  string
	Job     string
	Fence   int64
	Outcome string
	At      time.Time
}

// Accepted is a job that the API has answered 202 for.
type Accepted struct {
	ID string
	// May are the states that it may end in.
	May []string
	// Fails says that its container answers with a failure of its own will.
	Fails bool
}

// Death is a kill of a worker.
type Death struct {
	Worker string
	At     time.Time
}

// Delivery is a message that a worker received.
type Delivery struct {
	Worker string
	Job    string
	At     time.Time
}

// Span is a time during which a worker could take jobs: its process ran, its
// container was well, and nothing was done to its connections.
type Span struct {
	Worker   string
	From, To time.Time
}

// Final is what a caller reads at the end.
type Final struct {
	ID       string
	State    string
	Code     string
	Attempts int
	// Answer and Steps as in Invocation, read from the result.
	Answer string
	Fence  int64
	Steps  map[string]string
}

// CheckpointEvent is a checkpoint that a container saved or loaded.
type CheckpointEvent struct {
	Job   string
	Fence int64
	// Did is "saved" or "loaded".
	Did string
	// Count grows with the work that is done; 0 is none.
	Count        int
	Begun, Ended time.Time
}
