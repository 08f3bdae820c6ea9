package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// ServiceStore is what a Service needs of a [Store].
type ServiceStore interface {
	Records
	Lister
	Trail
}

// Sender announces jobs; the part of a [Queue] that needs no receipts.
type Sender interface {
	Send(ctx context.Context, lane Lane, message Message, delay time.Duration) error
}

// ServiceOptions configure a [Service].
type ServiceOptions struct {
	// Store is required.
	Store ServiceStore
	// Queue is required.
	Queue Sender
	// Blobs is required.
	Blobs Blobs
	// Lanes that jobs may be submitted to. Defaults to any; leave it out only where
	// the queue takes any too.
	Lanes []Lane
	// Keep is how long a finished job stays readable. Defaults to 30 days.
	Keep time.Duration
	// LinkValid is how long presigned links work, at most 7 days. Defaults to 1 h.
	LinkValid time.Duration
	// MaxUpload bounds one upload slot in bytes. Defaults to 5 GiB, the most that S3 takes in one PUT.
	MaxUpload int64
	// Clock. Defaults to the system's.
	Clock Clock
	// IDs. Defaults to RandomIDs.
	IDs IDs
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Service speaks for callers. Every method takes the caller's tenant, and a
// job of another tenant is ErrNotFound.
type Service struct {
	store   ServiceStore
	queue   Sender
	blobs   Blobs
	outbox  *Outbox
	options ServiceOptions
}

// NewService makes a Service.
func NewService(options ServiceOptions) *Service {
	if options.Keep == 0 {
		options.Keep = 30 * 24 * time.Hour
	}
	if options.LinkValid == 0 {
		options.LinkValid = time.Hour
	}
	if options.MaxUpload == 0 {
		options.MaxUpload = 5 << 30
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
	return &Service{
		store: options.Store, queue: options.Queue, blobs: options.Blobs, options: options,
		outbox: NewOutbox(OutboxOptions{Store: options.Store, Queue: options.Queue, Clock: options.Clock, IDs: options.IDs}),
	}
}

func (s *Service) now() time.Time { return now(s.options.Clock) }

// Get returns a job of the tenant.
func (s *Service) Get(ctx context.Context, tenant, id string) (Job, error) {
	if !ValidID(id) {
		return Job{}, ErrNotFound
	}
	job, err := s.store.Get(ctx, id)
	if err != nil {
		return Job{}, err
	}
	if job.Tenant != tenant || job.gone(s.now()) {
		return Job{}, ErrNotFound
	}
	return job, nil
}

// Cancel ends a queued job at once and asks a running one to stop, which its
// worker hears within [RenewEvery]. Cancelling twice is no error; a job that
// ended otherwise is a *StateError with ErrFinished.
func (s *Service) Cancel(ctx context.Context, tenant, id string) (Job, error) {
	job, err := s.Get(ctx, tenant, id)
	if err != nil {
		return Job{}, err
	}
	job, err = retryConflicts(ctx, s.store, s.options.IDs, job, func(job Job) (Job, bool) {
		now := s.now()
		return job.cancelled(now, until(now, s.options.Keep))
	})
	if err != nil {
		return Job{}, err
	}
	if job.State.Terminal() && job.State != Cancelled {
		return job, &StateError{Err: ErrFinished, Job: job}
	}
	s.notify(ctx, job)
	return job, nil
}

// notify hands a webhook to its queue now rather than at the next sweep.
func (s *Service) notify(ctx context.Context, job Job) {
	if err := s.outbox.Flush(ctx, job); err != nil {
		s.options.Log.WarnContext(ctx, "webhook left to the sweeper", "job", job.ID, "tenant", job.Tenant, "error", err)
	}
}

// maxConflicts bounds how often a change is tried against concurrent writers.
const maxConflicts = 16

// retryConflicts applies change to a job that was read until it is written, or
// change says that there is nothing to change. It returns the job as it then is.
func retryConflicts(ctx context.Context, store Records, ids IDs, job Job, change func(Job) (Job, bool)) (Job, error) {
	var err error
	for range maxConflicts {
		next, changed := change(job)
		if !changed {
			return job, nil
		}
		next.WriteToken = ids.NewToken()
		err = store.Replace(ctx, next)
		if err == nil {
			return next, nil
		}
		var conflict *StateError
		if !errors.As(err, &conflict) || !errors.Is(conflict.Err, ErrConflict) {
			return Job{}, err
		}
		job = conflict.Job
	}
	return Job{}, err
}

// gone tells whether a finished job is past the time it is kept for. Stores
// remove such jobs some time later; DynamoDB within a few days.
func (j Job) gone(now time.Time) bool { return !j.ExpiresAt.IsZero() && !j.ExpiresAt.After(now) }
