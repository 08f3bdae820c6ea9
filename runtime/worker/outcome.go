package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
	"tandem/runtime/worker/localapi"
)

// outcome is what an attempt came to.
type outcome string

const (
	succeeded   outcome = "succeeded"
	failed      outcome = "failed"
	interrupted outcome = "interrupted"
	stopped     outcome = "stopped"
	abandoned   outcome = "abandoned"
)

// The codes of a failure, as clients read them.
const (
	CodeTimeout    = "timeout"
	CodeUnhealthy  = "container_unhealthy"
	CodeLost       = "container_lost"
	CodeContainer  = "container_failed"
	CodeInput      = "input_missing"
	CodeBadOutcome = "result_refused"
)

// verdict is an outcome with what the store must hear.
type verdict struct {
	outcome outcome
	result  jobs.Payload
	failure jobs.Failure
	// final: another attempt could not end differently.
	final bool
	// hide keeps an interrupted job's message back for so long.
	hide time.Duration
	// why, for the log.
	why error
}

// judge decides what an attempt came to.
func (w *Worker) judge(ctx context.Context, a *attempt, result jobs.Payload, err error) verdict {
	stop, told := a.session.Stopped()
	// A command that got SIGTERM may call half a result success.
	if err == nil && !(told && w.options.Exec) {
		return verdict{outcome: succeeded, result: result}
	}
	cause := context.Cause(a.work)
	switch {
	case errors.Is(cause, errLeaseLost):
		return verdict{outcome: abandoned, why: cause}
	case errors.Is(cause, errLeaseEnding):
		return verdict{outcome: interrupted, why: cause}
	case errors.Is(cause, errTimeout):
		return fail(CodeTimeout, cause, "")
	case told && !stop.Reason.Resumes():
		return verdict{outcome: stopped, why: fmt.Errorf("asked to stop: %s", stop.Reason)}
	case told:
		return verdict{outcome: interrupted, why: fmt.Errorf("asked to stop: %s", stop.Reason)}
	case errors.Is(cause, errUnhealthy):
		return fail(CodeUnhealthy, cause, "")
	}
	return w.judgeContainer(ctx, a, err)
}

// judgeContainer decides where nobody but the container or a store can be the reason.
func (w *Worker) judgeContainer(ctx context.Context, a *attempt, err error) verdict {
	var storage *storageError
	var failure *container.Failure
	switch {
	case errors.Is(err, jobs.ErrNoBlob):
		v := fail(CodeInput, err, "")
		v.final = true
		return v
	case errors.As(err, &storage):
		return verdict{outcome: interrupted, hide: jobs.LeaseFor, why: err}
	case errors.As(err, &failure):
		return fail(CodeContainer, err, failure.Text)
	case unreachable(err):
		w.suspect()
		if w.stoppedBy(ctx, a) {
			return verdict{outcome: interrupted, why: err}
		}
		return fail(CodeLost, err, "")
	default:
		return fail(CodeContainer, err, "")
	}
}

func fail(code string, why error, text string) verdict {
	message := why.Error()
	if text = strings.ToValidUTF8(strings.TrimSpace(text), "?"); text != "" {
		message += ": " + text
	}
	return verdict{outcome: failed, failure: jobs.Failure{Code: code, Message: message}, why: why}
}

// attempt runs a claimed job to its end.
func (w *Worker) attempt(ctx context.Context, job jobs.Job, message delivery, claimed time.Time) {
	a := w.begin(ctx, job, message, claimed)
	w.options.Metrics.began()
	a.log.Debug("attempt begins", "lane", a.lane.String())
	flushed := a.flushOften()
	result, err := w.invoke(a)
	verdict := w.judge(ctx, a, result, err)
	a.conclude()
	flushed()
	job, verdict = w.tell(ctx, a, verdict)
	a.session.End(errOver)
	a.cut(errOver)
	w.mutex.Lock()
	delete(w.attempts, a.held)
	w.mutex.Unlock()
	w.answer(ctx, a, job, verdict)
	took := time.Since(a.started)
	w.options.Metrics.ended(verdict.outcome, took)
	if verdict.outcome == succeeded && job.Interruptions == 0 {
		w.options.Succeeded(took)
	}
	w.logEnd(a, job, verdict)
}

// flushOften stores partial output each second until the returned function,
// which stores the rest.
func (a *attempt) flushOften() (stop func()) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				a.flush()
			case <-done:
				a.flush()
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (a *attempt) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit/2)
	defer cancel()
	if err := a.session.Flush(ctx); err != nil {
		a.log.Warn("partial output waits", "error", err)
	}
}

// told is the stop reason as a label, or empty.
func told(session *localapi.Session) string {
	stop, _ := session.Stopped()
	return string(stop.Reason)
}

func (w *Worker) logEnd(a *attempt, job jobs.Job, v verdict) {
	log := a.log.With("outcome", string(v.outcome), "state", string(job.State),
		"seconds", time.Since(a.started).Seconds(), "bytes", v.result.Size)
	if reason := told(a.session); reason != "" {
		log = log.With("stop", reason)
	}
	switch v.outcome {
	case succeeded:
		log.Info("attempt ended")
	case failed:
		// The message holds what the container wrote, which is the tenant's.
		log.Warn("attempt ended", "code", v.failure.Code, "error", v.why)
	default:
		log.Info("attempt ended", "error", v.why)
	}
}
