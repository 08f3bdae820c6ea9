package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"
)

// RunnerStore is what a Runner needs of a [Store].
type RunnerStore interface {
	Records
	Leases
	Trail
}

// RunnerOptions configure a [Runner].
type RunnerOptions struct {
	// Store is required.
	Store RunnerStore
	// Queue is required.
	Queue Sender
	// MaxAttempts after which a failure is final. Defaults to 3.
	MaxAttempts int
	// MaxInterruptions above which a job is not run again. Defaults to 100.
	MaxInterruptions int
	// Backoff after a failed attempt.
	Backoff Backoff
	// Keep is how long a finished job stays readable. Defaults to 30 days.
	Keep time.Duration
	// Clock tells server time. Defaults to the system's.
	Clock Clock
	// IDs makes tokens. Defaults to RandomIDs.
	IDs IDs
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Runner speaks for a worker. It is safe for concurrent use.
type Runner struct {
	store   RunnerStore
	queue   Sender
	outbox  *Outbox
	options RunnerOptions
}

// NewRunner makes a Runner.
func NewRunner(options RunnerOptions) *Runner {
	if options.MaxAttempts == 0 {
		options.MaxAttempts = 3
	}
	if options.MaxInterruptions == 0 {
		options.MaxInterruptions = 100
	}
	if options.Keep == 0 {
		options.Keep = 30 * 24 * time.Hour
	}
	if options.Clock == nil {
		options.Clock = ClockFunc(time.Now)
	}
	if options.IDs == nil {
		options.IDs = RandomIDs{}
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	options.Backoff = options.Backoff.withDefaults()
	return &Runner{
		store: options.Store, queue: options.Queue, options: options,
		outbox: NewOutbox(OutboxOptions{Store: options.Store, Queue: options.Queue, Clock: options.Clock, IDs: options.IDs}),
	}
}

func (r *Runner) now() time.Time { return now(r.options.Clock) }

// Claim takes the right to run a job for [LeaseFor]. An expired lease is taken
// over, its attempt counted as interrupted. A job that must not run any more
// is ended and reported as ErrFinished.
//
// Errors: ErrNotFound, and *StateError with ErrLeaseHeld, ErrNotYet (see
// [RetryAt]) or ErrFinished.
func (r *Runner) Claim(ctx context.Context, id, owner string) (Job, error) {
	claim := Claim{ID: id, Owner: truncate(owner, MaxOwner), Token: r.options.IDs.NewToken(),
		MaxInterruptions: r.options.MaxInterruptions}
	claim.Now = r.now()
	claim.Until = claim.Now.Add(LeaseFor)
	job, err := r.store.Claim(ctx, claim)
	for range maxConflicts {
		var refused *StateError
		if !errors.As(err, &refused) || !errors.Is(refused.Err, ErrConflict) {
			return job, err
		}
		job, err = r.takeOver(ctx, refused.Job, claim)
	}
	return Job{}, err
}

// takeOver decides a claim that did not go through at once, on the job that
// the store answered with. The clock is read again: that answer has just told it
// the server's time, and a lease must not be ended by a clock that runs ahead.
func (r *Runner) takeOver(ctx context.Context, job Job, claim Claim) (Job, error) {
	if job.ClaimedBy(claim) {
		return job, nil
	}
	claim.Now = r.now()
	claim.Until = claim.Now.Add(LeaseFor)
	next, err := job.claimed(claim, until(claim.Now, r.options.Keep))
	if err != nil {
		return Job{}, err
	}
	next.WriteToken = claim.Token
	if err := r.store.Replace(ctx, next); err != nil {
		return Job{}, err
	}
	if next.State != Running {
		r.notify(ctx, next)
		return Job{}, &StateError{Err: ErrFinished, Job: next}
	}
	return next, nil
}

// Renew prolongs the lease by [LeaseFor] and tells the progress, if not nil. The
// job that comes back may carry CancelRequested, DrainBy, or a Deadline that has
// passed. ErrLeaseLost if the attempt has no say any more.
func (r *Runner) Renew(ctx context.Context, held Held, progress *Progress) (Job, error) {
	if progress != nil {
		progress = &Progress{Percent: roundPercent(progress.Percent), Message: truncate(progress.Message, MaxProgressMessage)}
	}
	now := r.now()
	job, err := r.store.Renew(ctx, Renewal{Held: held, Now: now, Until: now.Add(LeaseFor), Progress: progress})
	return job, lost(err)
}

// roundPercent keeps two decimals of a number from 0 to 100; 0 of anything else.
func roundPercent(percent float64) float64 {
	if math.IsNaN(percent) {
		return 0
	}
	return math.Round(min(100, max(0, percent))*100) / 100
}

// Succeed ends the job with its result, in one conditional write; calling it
// again with the same lease after an error is safe. A cancellation that came
// too late and a deadline that has just passed do not undo finished work.
// ErrLeaseLost if the attempt has no say any more.
func (r *Runner) Succeed(ctx context.Context, held Held, result Payload) (Job, error) {
	if len(result.Inline) > InlineResult {
		return Job{}, &InvalidError{Field: "result", Reason: "is too large to be kept inline; store it under jobs.ResultKey"}
	}
	now := r.now()
	job, err := r.store.Commit(ctx, Commit{Held: held, Token: r.options.IDs.NewToken(), Now: now,
		Result: result, ExpiresAt: until(now, r.options.Keep)})
	if err != nil {
		return Job{}, lost(err)
	}
	r.notify(ctx, job)
	return job, nil
}

// notify hands a webhook to its queue now rather than at the next sweep.
func (r *Runner) notify(ctx context.Context, job Job) {
	if err := r.outbox.Flush(ctx, job); err != nil {
		r.options.Log.WarnContext(ctx, "webhook left to the sweeper", "job", job.ID, "tenant", job.Tenant, "error", err)
	}
}

// lost turns a failed condition on the fence into ErrLeaseLost.
func lost(err error) error {
	var conflict *StateError
	if errors.As(err, &conflict) && errors.Is(conflict.Err, ErrConflict) {
		return &StateError{Err: ErrLeaseLost, Job: conflict.Job}
	}
	if errors.Is(err, ErrNotFound) {
		return ErrLeaseLost
	}
	return err
}
