package jobs

import (
	"errors"
	"fmt"
	"time"
)

// Errors that callers act on; compare with [errors.Is].
var (
	// ErrNotFound: no such job, or another tenant's.
	ErrNotFound = errors.New("no such job")
	// ErrIdempotencyConflict: the key was used before with another request.
	ErrIdempotencyConflict = errors.New("the idempotency key was used before with another request")
	// ErrBadCursor: a cursor that no list has given out.
	ErrBadCursor = errors.New("the cursor is not one that a list has given out")
	// ErrUploadMissing: an upload slot to which nothing was uploaded.
	ErrUploadMissing = errors.New("nothing was uploaded to the slot")
	// ErrFinished: the job is over.
	ErrFinished = errors.New("the job is over")
	// ErrLeaseHeld: another worker runs the job.
	ErrLeaseHeld = errors.New("another worker holds the lease")
	// ErrNotYet: the job waits before its next attempt.
	ErrNotYet = errors.New("the job may not run yet")
	// ErrLeaseLost: the job has a newer fence, or is over; the attempt has no say any more.
	ErrLeaseLost = errors.New("the lease is lost")
	// ErrNotStoppable: neither cancelled nor past its deadline.
	ErrNotStoppable = errors.New("nobody asked for the job to stop")
	// ErrConflict: the job changed since it was read.
	ErrConflict = errors.New("the job changed meanwhile")
	// ErrExists: a job with this id exists.
	ErrExists = errors.New("the job exists already")
	// ErrNoBlob: no blob under the key.
	ErrNoBlob = errors.New("no such blob")
	// ErrBadMessage: a message that no program of ours has sent.
	ErrBadMessage = errors.New("not a message about a job")
	// ErrNoQueue: no queue for this worker and priority.
	ErrNoQueue = errors.New("no such worker or priority")
)

// InvalidError names the field of a request that cannot be accepted.
type InvalidError struct {
	// Field in the terms of the API, such as deadline or metadata.
	Field string
	// Reason in words, with the limit where there is one.
	Reason string
}

// Error implements error.
func (e *InvalidError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// StateError wraps one of the errors above with the job that caused it, as it
// was when the operation was refused.
type StateError struct {
	// Err is ErrFinished, ErrLeaseHeld, ErrNotYet, ErrLeaseLost, ErrConflict,
	// ErrExists or ErrNotStoppable.
	Err error
	// Job as the store holds it.
	Job Job
}

// Error implements error.
func (e *StateError) Error() string {
	return fmt.Sprintf("job %s (%s, fence %d): %v", e.Job.ID, e.Job.State, e.Job.Fence, e.Err)
}

// Unwrap lets errors.Is see the reason.
func (e *StateError) Unwrap() error { return e.Err }

// RetryAt returns when a refused claim may be tried again: the lease's end or
// the job's NotBefore, in server time. It returns false for any other error.
func RetryAt(err error) (time.Time, bool) {
	var refused *StateError
	if !errors.As(err, &refused) {
		return time.Time{}, false
	}
	switch {
	case errors.Is(refused.Err, ErrLeaseHeld):
		return refused.Job.Lease.Until, true
	case errors.Is(refused.Err, ErrNotYet):
		return refused.Job.NotBefore, true
	default:
		return time.Time{}, false
	}
}
