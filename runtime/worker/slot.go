package worker

import (
	"context"
	"errors"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/ecstask"
)

const (
	// callLimit bounds one word to the store.
	callLimit = 10 * time.Second
	// blockedFor is how long no work is taken after ECS has refused to protect the task.
	blockedFor = time.Minute
	// storeTrouble is how long no work is taken after the store failed a claim.
	storeTrouble = 2 * time.Second
)

// serve takes one message through claim, attempt and end.
func (w *Worker) serve(ctx context.Context, message delivery) {
	var ran time.Duration
	defer func() {
		w.intake.finished(ran)
		w.dispatch(ctx)
	}()
	announced, err := jobs.ParseMessage(message.Body)
	if err != nil {
		// Received often enough, it ends in the dead-letter queue by itself.
		w.log.Warn("ignoring a message", "lane", message.lane.String(), "received", message.Received, "error", err)
		w.options.Metrics.claimed("malformed")
		return
	}
	if !w.protect(ctx, message) {
		return
	}
	defer w.protection.leave()
	claimed := time.Now()
	callCtx, cancel := context.WithTimeout(ctx, callLimit)
	job, err := w.options.Runner.Claim(callCtx, announced.ID, w.options.Owner)
	cancel()
	if err != nil {
		w.refused(message, announced, err)
		return
	}
	w.options.Metrics.claimed("claimed")
	w.attempt(ctx, job, message, claimed)
	ran = time.Since(claimed)
}

// protect takes task protection before a claim: a task that may be stopped in a
// moment must not begin an attempt.
func (w *Worker) protect(ctx context.Context, message delivery) bool {
	err := w.protection.enter(ctx)
	switch {
	case err == nil:
		return true
	case errors.Is(err, ecstask.ErrDeploymentBlocked):
		w.log.Info("taking no work while a deployment replaces this task")
		w.options.Metrics.claimed("blocked")
		w.pauseFor("blocked", blockedFor)
		w.release([]delivery{message})
		return false
	default:
		// An unprotected attempt may be interrupted, which costs less than no attempt.
		w.log.Warn("working without task protection", "error", err)
		return true
	}
}

// refused does with the message what the refusal of its claim calls for.
func (w *Worker) refused(message delivery, announced jobs.Message, err error) {
	at, retry := jobs.RetryAt(err)
	left := at.Sub(w.options.Clock.Now())
	switch {
	case errors.Is(err, jobs.ErrNotFound), errors.Is(err, jobs.ErrFinished):
		w.options.Metrics.claimed("over")
		w.mail.delete(message.lane, message.Receipt)
	case retry && announced.Watch && errors.Is(err, jobs.ErrLeaseHeld) && left > jobs.RenewEvery/2:
		// The next renewal sends another. One that comes up just before the end of
		// a lease may be the last, and is kept.
		w.options.Metrics.claimed("held")
		w.mail.delete(message.lane, message.Receipt)
	case retry:
		w.options.Metrics.claimed("held")
		w.mail.hide(message.lane, message.Receipt, max(left, 0)+time.Second)
	default:
		w.options.Metrics.claimed("error")
		w.log.Warn("claiming failed; the message comes back by itself", "job", announced.ID, "error", err)
		w.pauseFor("store", storeTrouble)
	}
}
