package worker

import (
	"context"
	"errors"
	"time"

	"tandem/runtime/jobs"
)

// tellLimit bounds how long an end is repeated to a store that does not take
// it, while the lease is renewed: then the attempt is given up.
const tellLimit = 5 * time.Minute

// tell says to the store what an attempt came to, until it has heard.
func (w *Worker) tell(ctx context.Context, a *attempt, v verdict) (jobs.Job, verdict) {
	if v.outcome == abandoned {
		return a.job, v
	}
	var wait backoff
	for begun := time.Now(); ; {
		job, err := w.say(ctx, a.held, v)
		var refused *jobs.StateError
		var invalid *jobs.InvalidError
		switch {
		case err == nil:
			return job, v
		case errors.As(err, &refused) && v.outcome == succeeded && refused.Job.State == jobs.Succeeded && refused.Job.Fence == a.held.Fence:
			// The answer to an earlier try got lost.
			return refused.Job, v
		case errors.Is(err, jobs.ErrLeaseLost):
			return a.job, verdict{outcome: abandoned, why: err}
		case errors.Is(err, jobs.ErrNotStoppable):
			v.outcome = interrupted
			continue
		case errors.As(err, &invalid) && v.outcome == succeeded:
			v = fail(CodeBadOutcome, err, "")
			continue
		case ctx.Err() != nil, time.Since(begun) > tellLimit:
			return a.job, verdict{outcome: abandoned, why: err}
		}
		a.log.Warn("telling the attempt's end failed; trying again", "outcome", string(v.outcome), "error", err)
		sleep(ctx, wait.after(err))
	}
}

func (w *Worker) say(ctx context.Context, held jobs.Held, v verdict) (jobs.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	switch v.outcome {
	case succeeded:
		return w.options.Runner.Succeed(ctx, held, v.result)
	case failed:
		return w.options.Runner.Fail(ctx, held, v.failure, v.final)
	case stopped:
		return w.options.Runner.Stop(ctx, held)
	default:
		return w.options.Runner.Interrupt(ctx, held)
	}
}

// answer does with the message what the job's new state calls for. The attempt
// is out of the heartbeat by now, which therefore cannot hide the message again.
func (w *Worker) answer(ctx context.Context, a *attempt, job jobs.Job, v verdict) {
	if v.outcome == abandoned {
		return
	}
	w.hiding.RLock()
	defer w.hiding.RUnlock()
	a.mutex.Lock()
	receipt := a.receipt
	a.mutex.Unlock()
	wait := max(v.hide, job.NotBefore.Sub(w.options.Clock.Now()))
	switch {
	case job.State.Terminal() && receipt != "":
		w.mail.delete(a.lane, receipt)
	case job.State.Terminal():
	case receipt != "":
		w.mail.hide(a.lane, receipt, wait)
	default:
		ctx, cancel := context.WithTimeout(ctx, callLimit)
		defer cancel()
		if err := w.options.Runner.Wake(ctx, job); err != nil {
			a.log.Warn("announcing the job failed; the sweeper finds it", "error", err)
		}
	}
}
