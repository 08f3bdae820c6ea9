package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// sweep is one run of a Sweeper.
type sweep struct {
	*Sweeper
	now time.Time

	mu     sync.Mutex
	report Report
	errs   []error
	// overtaking is since when the youngest running job of each tenant and lane
	// had waited: older ones that still wait were overtaken.
	overtaking map[queuer]time.Time
}

// queuer is who waits where.
type queuer struct {
	lane   Lane
	tenant string
}

// lane expires what is overdue and announces what nothing else would wake.
func (r *sweep) lane(ctx context.Context, lane Lane) {
	find := func(ctx context.Context, page Scan) (Found, error) { return r.store.FindQueued(ctx, lane, page) }
	for shard := range Shards {
		r.each(ctx, find, Scan{Shard: shard, Overdue: r.now}, r.settle)
	}
	depth, err := r.queue.Depth(ctx, lane)
	if err == nil && !depth.Empty() && r.options.Seen != nil {
		for shard := range Shards {
			r.page(ctx, find, Scan{Shard: shard, Limit: seenPage}, r.see)
		}
	}
	switch {
	case err != nil:
		r.fail(fmt.Errorf("asking for the depth of %s: %w", lane, err))
	case depth.Empty():
		for shard := range Shards {
			r.each(ctx, find, Scan{Shard: shard}, r.announce)
		}
	case r.overtakes(lane):
		for shard := range Shards {
			r.page(ctx, find, Scan{Shard: shard, Limit: sweepPage}, r.announceOvertaken)
		}
	}
}

// seenPage is how many jobs at the head of a shard are only looked at.
const seenPage = 25

func (r *sweep) see(_ context.Context, job Job) error {
	r.options.Seen(job, r.now)
	return nil
}

func (r *sweep) settleRunning(ctx context.Context, job Job) error {
	if r.options.Seen != nil {
		r.options.Seen(job, r.now)
	}
	return r.settle(ctx, job)
}

// sweepPage is how many jobs are read at once.
const sweepPage = 100

// finder is one of the methods of a [Finder].
type finder func(ctx context.Context, page Scan) (Found, error)

// each does something with every job that is found, up to the run's limit.
func (r *sweep) each(ctx context.Context, find finder, page Scan, do func(context.Context, Job) error) {
	page.Limit = sweepPage
	for {
		if page.After = r.page(ctx, find, page, do); page.After == "" {
			return
		}
	}
}

// page does something with the jobs of one page, several at once, and returns
// where to go on.
func (r *sweep) page(ctx context.Context, find finder, page Scan, do func(context.Context, Job) error) string {
	if r.full() {
		return ""
	}
	found, err := find(ctx, page)
	if err != nil {
		r.fail(err)
		return ""
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, r.options.Parallel)
	for _, job := range found.Jobs {
		slots <- struct{}{}
		if r.full() {
			break
		}
		group.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, job); err != nil {
				r.fail(err)
			}
		})
	}
	group.Wait()
	return found.Next
}

// maxErrors ends a run: what it needs is not there.
const maxErrors = 20

// full tells whether the run has done what it may. A few more can be under way.
func (r *sweep) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	done := r.report.Interrupted + r.report.Ended + r.report.Announced + r.report.Webhooks
	r.report.More = r.report.More || done >= r.options.Limit || len(r.errs) >= maxErrors
	return r.report.More
}

func (r *sweep) count(counter *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*counter++
}

func (r *sweep) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// settle ends or takes back a job that nobody runs.
func (r *sweep) settle(ctx context.Context, job Job) error {
	r.overtake(job)
	changed := false
	id := job.ID
	job, err := retryConflicts(ctx, r.store, r.options.IDs, job, func(job Job) (Job, bool) {
		next, ok := job.swept(r.now, until(r.now, r.options.Keep))
		changed = ok
		return next, ok
	})
	switch {
	case errors.Is(err, ErrNotFound), err == nil && !changed:
		return nil
	case err != nil:
		return fmt.Errorf("settling job %s: %w", id, err)
	case job.State == Queued:
		r.count(&r.report.Interrupted)
		return r.send(ctx, job)
	default:
		r.count(&r.report.Ended)
		return r.outbox.Flush(ctx, job)
	}
}

// overtake remembers since when a running job had waited.
func (r *sweep) overtake(job Job) {
	if job.State != Running {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	who := queuer{job.Lane(), job.Tenant}
	if job.QueuedAt.After(r.overtaking[who]) {
		r.overtaking[who] = job.QueuedAt
	}
}

func (r *sweep) overtakes(lane Lane) bool {
	for who := range r.overtaking {
		if who.lane == lane {
			return true
		}
	}
	return false
}

// waitsSince is when a queued job could first have run.
func (j Job) waitsSince() time.Time {
	if j.NotBefore.After(j.QueuedAt) {
		return j.NotBefore
	}
	return j.QueuedAt
}

// announce sends for a job that has waited long enough for its message to
// have come up.
func (r *sweep) announce(ctx context.Context, job Job) error {
	if r.now.Sub(job.waitsSince()) < r.options.Grace {
		return nil
	}
	if err := r.send(ctx, job); err != nil {
		return err
	}
	r.count(&r.report.Announced)
	return nil
}

// announceOvertaken sends for a job that later ones of its tenant got ahead of.
func (r *sweep) announceOvertaken(ctx context.Context, job Job) error {
	r.mu.Lock()
	youngest := r.overtaking[queuer{job.Lane(), job.Tenant}]
	r.mu.Unlock()
	if youngest.Sub(job.waitsSince()) < r.options.Overtaken {
		return nil
	}
	return r.announce(ctx, job)
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
	r.count(&r.report.Webhooks)
	return nil
}
