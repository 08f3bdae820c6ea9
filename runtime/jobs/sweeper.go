package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// SweeperStore is what a Sweeper needs of a [Store].
type SweeperStore interface {
	Records
	Finder
}

// SweeperQueue is what a Sweeper needs of a [Queue].
type SweeperQueue interface {
	Sender
	Depth(ctx context.Context, lane Lane) (Depth, error)
}

// SweeperOptions configure a [Sweeper].
type SweeperOptions struct {
	// Store is required.
	Store SweeperStore
	// Queue is required.
	Queue SweeperQueue
	// Lanes to look after: every worker's every priority.
	Lanes []Lane
	// Limit of jobs changed or announced in one run. Defaults to 1000.
	Limit int
	// Grace is how long a job may wait in an empty queue before it is announced
	// again: its first message may be on its way. Defaults to 30 s.
	Grace time.Duration
	// Keep is how long a finished job stays readable. Defaults to 30 days.
	Keep time.Duration
	// Clock tells server time. Defaults to the system's.
	Clock Clock
	// IDs makes tokens. Defaults to RandomIDs.
	IDs IDs
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Sweeper finds jobs that nothing would wake: queued without a message, running
// with an ended lease, past their deadline, webhooks that never reached their
// queue. Any number may run at once.
type Sweeper struct {
	store   SweeperStore
	queue   SweeperQueue
	outbox  *Outbox
	options SweeperOptions
}

// NewSweeper makes a Sweeper.
func NewSweeper(options SweeperOptions) *Sweeper {
	if options.Limit == 0 {
		options.Limit = 1000
	}
	if options.Grace == 0 {
		options.Grace = 30 * time.Second
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
	return &Sweeper{
		store: options.Store, queue: options.Queue, options: options,
		outbox: NewOutbox(OutboxOptions{Store: options.Store, Queue: options.Queue, Clock: options.Clock, IDs: options.IDs}),
	}
}

// Report tells what a run did.
type Report struct {
	// Interrupted jobs were running with an ended lease and are queued again.
	Interrupted int
	// Ended jobs were cancelled or past their deadline with nobody to say so.
	Ended int
	// Announced jobs were queued with no message in an empty queue.
	Announced int
	// Webhooks were handed to their queue.
	Webhooks int
	// More tells that the run stopped at its limit.
	More bool
}

func (r Report) total() int { return r.Interrupted + r.Ended + r.Announced + r.Webhooks }

// sweep is one run.
type sweep struct {
	*Sweeper
	now    time.Time
	report Report
}

// RunOnce sweeps once. It goes on after errors of single jobs and lanes, and
// returns them joined.
func (s *Sweeper) RunOnce(ctx context.Context) (Report, error) {
	run := &sweep{Sweeper: s, now: now(s.options.Clock)}
	var errs []error
	for shard := range Shards {
		errs = append(errs, run.each(ctx, Scan{Shard: shard}, s.store.FindRunning, run.settle))
		errs = append(errs, run.each(ctx, Scan{Shard: shard}, s.store.FindPendingWebhooks, run.flush))
	}
	for _, lane := range s.options.Lanes {
		errs = append(errs, run.lane(ctx, lane))
	}
	return run.report, errors.Join(errs...)
}

func (r *sweep) full() bool {
	r.report.More = r.report.More || r.report.total() >= r.options.Limit
	return r.report.More
}

// lane expires what is overdue and, if the queue has run empty, announces what waits.
func (r *sweep) lane(ctx context.Context, lane Lane) error {
	find := func(ctx context.Context, page Scan) (Found, error) { return r.store.FindQueued(ctx, lane, page) }
	var errs []error
	for shard := range Shards {
		errs = append(errs, r.each(ctx, Scan{Shard: shard, Overdue: r.now}, find, r.settle))
	}
	depth, err := r.queue.Depth(ctx, lane)
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("asking for the depth of %s: %w", lane, err))...)
	}
	if !depth.Empty() {
		return errors.Join(errs...)
	}
	for shard := range Shards {
		errs = append(errs, r.each(ctx, Scan{Shard: shard}, find, r.announce))
	}
	return errors.Join(errs...)
}

// each does something with every job that a finder finds, up to the run's limit.
func (r *sweep) each(ctx context.Context, page Scan, find func(context.Context, Scan) (Found, error), do func(context.Context, Job) error) error {
	var errs []error
	page.Limit = 100
	for !r.full() {
		found, err := find(ctx, page)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, job := range found.Jobs {
			if r.full() {
				return errors.Join(errs...)
			}
			if err := do(ctx, job); err != nil {
				errs = append(errs, err)
			}
		}
		if found.Next == "" {
			break
		}
		page.After = found.Next
	}
	return errors.Join(errs...)
}

// settle ends or takes back a job that nobody runs.
func (r *sweep) settle(ctx context.Context, job Job) error {
	changed := false
	job, err := retryConflicts(ctx, r.store, r.options.IDs, job, func(job Job) (Job, bool) {
		next, ok := job.swept(r.now, until(r.now, r.options.Keep))
		changed = ok
		return next, ok
	})
	if errors.Is(err, ErrNotFound) || err == nil && !changed {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settling job %s: %w", job.ID, err)
	}
	if job.State != Queued {
		r.report.Ended++
		return r.outbox.Flush(ctx, job)
	}
	r.report.Interrupted++
	return r.send(ctx, job)
}

// announce sends for a job that has waited long enough for its first message
// to have come up.
func (r *sweep) announce(ctx context.Context, job Job) error {
	waits := job.QueuedAt
	if job.NotBefore.After(waits) {
		waits = job.NotBefore
	}
	if job.State != Queued || r.now.Sub(waits) < r.options.Grace {
		return nil
	}
	if err := r.send(ctx, job); err != nil {
		return err
	}
	r.report.Announced++
	return nil
}

func (r *sweep) send(ctx context.Context, job Job) error {
	err := r.queue.Send(ctx, job.Lane(), Message{ID: job.ID, Tenant: job.Tenant}, 0)
	if err != nil {
		return fmt.Errorf("announcing job %s: %w", job.ID, err)
	}
	return nil
}

func (r *sweep) flush(ctx context.Context, job Job) error {
	if err := r.outbox.Flush(ctx, job); err != nil {
		return err
	}
	r.report.Webhooks++
	return nil
}
