package jobs

import (
	"fmt"
	"time"
)

// The transitions are values in, values out: what may follow what is decided
// here and nowhere else. The store adds only that nobody wrote in between.

// touched marks a write.
func (j Job) touched(now time.Time) Job {
	j.Revision++
	j.Updated = now
	return j
}

func (j Job) overdue(now time.Time) bool { return !j.Deadline.IsZero() && !j.Deadline.After(now) }

// Orphaned tells whether a running job's lease has ended.
func (j Job) Orphaned(now time.Time) bool { return j.State == Running && !j.Lease.Until.After(now) }

// over ends the job.
func (j Job) over(state State, now, expiresAt time.Time) Job {
	j.State = state
	j.Lease = Lease{}
	j.NotBefore, j.DrainBy = time.Time{}, time.Time{}
	j.Finished, j.ExpiresAt = now, expiresAt
	if j.Webhook.URL != "" {
		j.Webhook.State = DeliveryPending
	}
	return j.touched(now)
}

// queued gives the job back.
func (j Job) queued(now, notBefore time.Time) Job {
	j.State = Queued
	j.Lease = Lease{}
	j.DrainBy = time.Time{}
	j.QueuedAt, j.NotBefore = now, notBefore
	return j.touched(now)
}

// uncounted takes back the current attempt and counts an interruption.
func (j Job) uncounted() Job {
	j.Attempts--
	j.Interruptions++
	return j
}

// claimed decides a claim that did not go through at once. It returns the job
// to be written, or a refusal. A job that must end first is returned in its
// terminal state.
func (j Job) claimed(c Claim, expiresAt time.Time) (Job, error) {
	switch {
	case j.State.Terminal():
		return Job{}, &StateError{Err: ErrFinished, Job: j}
	case j.State == Running && !j.Orphaned(c.Now):
		return Job{}, &StateError{Err: ErrLeaseHeld, Job: j}
	}
	if j.State == Running {
		j = j.uncounted()
	}
	next := j
	switch {
	case j.CancelRequested:
		next = j.over(Cancelled, c.Now, expiresAt)
	case j.overdue(c.Now):
		next = j.expired(c.Now, expiresAt)
	case j.Interruptions > c.MaxInterruptions:
		next.Failure = tooManyInterruptions(j.Interruptions)
		next = next.over(Failed, c.Now, expiresAt)
	case j.NotBefore.After(c.Now):
		return Job{}, &StateError{Err: ErrNotYet, Job: j}
	default:
		next = j.Claimed(c)
	}
	return next, nil
}

func (j Job) expired(now, expiresAt time.Time) Job {
	j.Failure = Failure{Code: CodeDeadlineExceeded, Message: "the deadline passed before the job was done"}
	return j.over(Expired, now, expiresAt)
}

// failed ends the running attempt. The job is over when the failure is final
// or Attempts has reached maxAttempts, else it waits.
func (j Job) failed(f Failure, final bool, maxAttempts int, now, notBefore, expiresAt time.Time) Job {
	j.Failure = Failure{Code: truncate(f.Code, MaxFailureCode), Message: truncate(f.Message, MaxFailureMessage)}
	if final || j.Attempts >= maxAttempts {
		return j.over(Failed, now, expiresAt)
	}
	if stopped, ok := j.stopped(now, expiresAt); ok {
		return stopped
	}
	j.Failure.Message = ""
	j.Failure.Message = truncate(f.Message, max(0, min(MaxRetryMessage, j.room())))
	return j.queued(now, notBefore)
}

// interrupted gives the running attempt back without counting it, or ends the
// job if somebody asked for that.
func (j Job) interrupted(now, expiresAt time.Time) Job {
	if stopped, ok := j.stopped(now, expiresAt); ok {
		return stopped
	}
	return j.uncounted().queued(now, time.Time{})
}

// stopped ends the running attempt as was asked; false if nobody asked.
func (j Job) stopped(now, expiresAt time.Time) (Job, bool) {
	switch {
	case j.CancelRequested:
		return j.over(Cancelled, now, expiresAt), true
	case j.overdue(now):
		return j.expired(now, expiresAt), true
	default:
		return j, false
	}
}

// cancelled ends a waiting job and asks a running one to stop; false if there
// is nothing to change.
func (j Job) cancelled(now, expiresAt time.Time) (Job, bool) {
	switch {
	case j.State == Queued:
		return j.over(Cancelled, now, expiresAt), true
	case j.State == Running && !j.CancelRequested:
		j.CancelRequested = true
		return j.touched(now), true
	default:
		return j, false
	}
}

// redriven puts a job that did not succeed back into the queue; false if it
// is not one. A deadline that has passed is dropped.
func (j Job) redriven(now time.Time) (Job, bool) {
	if !j.State.Terminal() || j.State == Succeeded {
		return j, false
	}
	if j.overdue(now) {
		j.Deadline = time.Time{}
	}
	j.Attempts, j.Interruptions = 0, 0
	j.CancelRequested = false
	j.Finished, j.ExpiresAt = time.Time{}, time.Time{}
	j.Webhook = Webhook{URL: j.Webhook.URL}
	j.Progress = Progress{}
	return j.queued(now, time.Time{}), true
}

// swept decides what a sweep does to a job: end one that is overdue or
// cancelled while nobody runs it, take back one whose lease has ended. False
// leaves it alone. An attempt that goes on past its deadline is given one lease
// to stop by itself.
func (j Job) swept(now, expiresAt time.Time) (Job, bool) {
	switch {
	case j.State == Queued && j.overdue(now):
		return j.expired(now, expiresAt), true
	case j.State == Running && (j.Orphaned(now) || j.overdue(now.Add(-LeaseFor))):
		return j.interrupted(now, expiresAt), true
	default:
		return j, false
	}
}

func tooManyInterruptions(count int) Failure {
	return Failure{Code: CodeTooManyInterruptions, Message: fmt.Sprintf(
		"interrupted %d times without ending an attempt; redrive the job if that was not its own doing", count)}
}
