package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/localapi"
)

const (
	// renewAtOnce bounds the renewals under way.
	renewAtOnce = 32
	// renewRetry is the pause after a renewal that failed.
	renewRetry = time.Second
	// receiptLimit is when a message is replaced by watch messages: SQS hides one
	// receipt for 12 h at most
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html, 2026-11-24).
	receiptLimit = 11 * time.Hour
)

// heartbeat keeps all leases and messages until the context ends.
func (w *Worker) heartbeat(ctx context.Context) {
	ticker := time.NewTicker(jobs.RenewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.beat(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// beat renews the leases first and then hides the messages: a message that
// comes up must never meet the lease of a worker that is dead.
func (w *Worker) beat(ctx context.Context) {
	w.mutex.Lock()
	w.lastBeat = time.Now()
	w.mutex.Unlock()
	// What fails now is tried again until just before the next beat.
	beatCtx, cancel := context.WithTimeout(ctx, jobs.RenewEvery-time.Second)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(renewAtOnce)
	var mutex sync.Mutex
	var renewed []*attempt
	for _, a := range w.running() {
		group.Go(func() error {
			if w.renew(beatCtx, a) {
				mutex.Lock()
				renewed = append(renewed, a)
				mutex.Unlock()
			}
			return nil
		})
	}
	_ = group.Wait()
	w.keepHidden(ctx, renewed)
	if err := w.protection.keep(ctx); err != nil {
		w.log.Warn("renewing task protection failed", "error", err)
	}
}

// renew prolongs one lease and acts on what the store says.
func (w *Worker) renew(ctx context.Context, a *attempt) bool {
	progress := a.session.TakeProgress()
	for {
		asked := time.Now()
		callCtx, cancel := context.WithTimeout(ctx, callLimit/2)
		job, err := w.options.Runner.Renew(callCtx, a.held, progress)
		cancel()
		w.options.Metrics.renewed(err)
		switch {
		case err == nil:
			a.renewed(asked)
			w.noticed(a, job)
			return true
		case errors.Is(err, jobs.ErrLeaseLost):
			// The end of an attempt ends its lease too.
			if !a.isConcluding() {
				a.log.Warn("the lease is lost", "error", err)
				a.cut(errLeaseLost)
			}
			return false
		}
		a.log.Warn("renewing the lease failed; trying again", "error", err)
		select {
		case <-time.After(renewRetry):
		case <-ctx.Done():
			a.session.KeepProgress(progress)
			return false
		}
		if a.work.Err() != nil && !a.isConcluding() {
			return false
		}
	}
}

// noticed acts on what a claim or a renewal says of the job.
func (w *Worker) noticed(a *attempt, job jobs.Job) {
	now := w.options.Clock.Now()
	local := func(server time.Time) time.Time { return time.Now().Add(server.Sub(now)) }
	switch {
	case job.CancelRequested:
		a.stop(localapi.Stop{Reason: localapi.Cancelled, By: time.Now().Add(w.options.CancelGrace)})
	case !job.Deadline.IsZero() && !job.Deadline.After(now):
		a.stop(localapi.Stop{Reason: localapi.Expired, By: time.Now().Add(w.options.CancelGrace)})
	case !job.DrainBy.IsZero():
		w.pause("deploy")
		w.protection.hurry()
		a.drain(local(job.DrainBy), w.options.StopTimeout)
	}
}

// keepHidden hides the messages of the attempts that still run, and replaces
// receipts that are about to reach their limit.
func (w *Worker) keepHidden(ctx context.Context, renewed []*attempt) {
	w.hiding.Lock()
	defer w.hiding.Unlock()
	ctx, cancel := context.WithTimeout(ctx, callLimit/2)
	defer cancel()
	changes := map[jobs.Lane][]jobs.VisibilityChange{}
	var watched errgroup.Group
	watched.SetLimit(renewAtOnce)
	for _, a := range renewed {
		if !w.runs(a) {
			continue
		}
		if time.Since(a.received) >= receiptLimit {
			watched.Go(func() error { w.watch(ctx, a); return nil })
			continue
		}
		changes[a.lane] = append(changes[a.lane], jobs.VisibilityChange{Receipt: a.receipt, For: hideFor})
	}
	for lane, change := range changes {
		if err := w.options.Queue.ChangeVisibility(ctx, lane, change); err != nil {
			// A message that comes up meets a live lease.
			w.log.Warn("hiding messages failed", "lane", lane.String(), "messages", len(change), "error", err)
		}
	}
	_ = watched.Wait()
}

// watch lets a delayed message take the place of the one that was received.
func (w *Worker) watch(ctx context.Context, a *attempt) {
	if err := w.options.Runner.Watch(ctx, a.job); err != nil {
		a.log.Warn("sending a watch message failed", "error", err)
		return
	}
	a.mutex.Lock()
	receipt := a.receipt
	a.receipt = ""
	a.mutex.Unlock()
	if receipt != "" {
		w.mail.delete(a.lane, receipt)
	}
}

func (w *Worker) runs(a *attempt) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.attempts[a.held] == a
}
