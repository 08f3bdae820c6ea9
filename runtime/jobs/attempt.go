package jobs

import (
	"context"
	"time"
)

// Fail ends the attempt with a failure. The job comes back failed if the
// failure is final or was the last one allowed, else queued with the NotBefore
// of its next attempt. ErrLeaseLost if the attempt has no say any more.
func (r *Runner) Fail(ctx context.Context, held Held, failure Failure, final bool) (Job, error) {
	return r.end(ctx, held, func(job Job, now, expiresAt time.Time) (Job, error) {
		notBefore := now.Add(r.options.Backoff.after(job.Attempts)).Truncate(time.Millisecond)
		return job.failed(failure, final, r.options.MaxAttempts, now, notBefore, expiresAt), nil
	})
}

// Interrupt gives the job back to the queue without counting a failure: a spot
// notice, SIGTERM, a deploy. A job that was cancelled or is past its deadline
// ends instead. ErrLeaseLost if the attempt has no say any more.
func (r *Runner) Interrupt(ctx context.Context, held Held) (Job, error) {
	return r.end(ctx, held, func(job Job, now, expiresAt time.Time) (Job, error) {
		return job.interrupted(now, expiresAt), nil
	})
}

// Stop ends a job whose cancellation was requested or whose deadline has
// passed. Otherwise ErrNotStoppable; ErrLeaseLost if the attempt has no say any more.
func (r *Runner) Stop(ctx context.Context, held Held) (Job, error) {
	return r.end(ctx, held, func(job Job, now, expiresAt time.Time) (Job, error) {
		next, ok := job.stopped(now, expiresAt)
		if !ok {
			return Job{}, &StateError{Err: ErrNotStoppable, Job: job}
		}
		return next, nil
	})
}

// end reads the job and writes what change makes of it while the attempt holds it.
func (r *Runner) end(ctx context.Context, held Held, change func(job Job, now, expiresAt time.Time) (Job, error)) (Job, error) {
	job, err := r.store.Get(ctx, held.ID)
	if err != nil {
		return Job{}, lost(err)
	}
	var refused error
	job, err = retryConflicts(ctx, r.store, r.options.IDs, job, func(job Job) (Job, bool) {
		if !job.Holds(held) {
			refused = &StateError{Err: ErrLeaseLost, Job: job}
			return job, false
		}
		now := r.now()
		next, err := change(job, now, until(now, r.options.Keep))
		refused = err
		return next, err == nil
	})
	if refused != nil {
		return Job{}, refused
	}
	if err != nil {
		return Job{}, lost(err)
	}
	r.notify(ctx, job)
	return job, nil
}

// Wake announces a job that has no message: at once, or after its NotBefore.
func (r *Runner) Wake(ctx context.Context, job Job) error {
	delay := min(max(0, job.NotBefore.Sub(r.now())), MaxDelay)
	return r.queue.Send(ctx, job.Lane(), Message{ID: job.ID, Tenant: job.Tenant}, delay)
}

// Watch sends a message that comes up after [WatchDelay], for an attempt that
// has outlived its own: if the worker dies, whoever gets it takes the job over.
func (r *Runner) Watch(ctx context.Context, job Job) error {
	return r.queue.Send(ctx, job.Lane(), Message{ID: job.ID, Tenant: job.Tenant, Watch: true}, WatchDelay)
}
