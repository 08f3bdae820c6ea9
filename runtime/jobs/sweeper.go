package jobs

import (
	"context"
	"errors"
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
	// Limit of jobs changed or announced in one run. Defaults to 10,000.
	Limit int
	// Parallel is how many jobs are handled at once. Defaults to 16.
	Parallel int
	// Grace is how long a job may wait in an empty queue before it is announced
	// again: its message may be on its way. Defaults to 30 s.
	Grace time.Duration
	// Overtaken is by how much later jobs of the same tenant and lane must have
	// got ahead of one before it is announced again though its queue is not empty:
	// its message must be lost. Defaults to 5 min.
	Overtaken time.Duration
	// Keep is how long a finished job stays readable. Defaults to 30 days.
	Keep time.Duration
	// Seen is told of every running job, and of the queued ones of each lane that
	// come first: the nearest deadlines, then the longest waits. It is called from
	// any goroutine. Defaults to nobody.
	Seen func(job Job, now time.Time)
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
		options.Limit = 10_000
	}
	if options.Parallel == 0 {
		options.Parallel = 16
	}
	if options.Grace == 0 {
		options.Grace = 30 * time.Second
	}
	if options.Overtaken == 0 {
		options.Overtaken = 5 * time.Minute
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
	// Announced jobs were queued, and nothing would have woken a worker for them.
	Announced int
	// Webhooks were handed to their queue.
	Webhooks int
	// More tells that the run stopped at its limit, or after too many errors.
	More bool
}

// RunOnce sweeps once. It goes on after errors of single jobs and lanes, and
// returns them joined.
func (s *Sweeper) RunOnce(ctx context.Context) (Report, error) {
	run := &sweep{Sweeper: s, now: now(s.options.Clock), overtaking: map[queuer]time.Time{}}
	for shard := range Shards {
		run.each(ctx, s.store.FindRunning, Scan{Shard: shard}, run.settleRunning)
		run.each(ctx, s.store.FindPendingWebhooks, Scan{Shard: shard}, run.flush)
	}
	for _, lane := range s.options.Lanes {
		run.lane(ctx, lane)
	}
	return run.report, errors.Join(run.errs...)
}
