package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/localapi"
)

// Why an attempt was cut.
var (
	errTimeout     = errors.New("the attempt reached the worker's timeout")
	errUnhealthy   = errors.New("the container did not answer three pings")
	errStopped     = errors.New("the container did not stop in the time it was given")
	errLeaseLost   = errors.New("the lease is lost")
	errLeaseEnding = errors.New("the lease could not be renewed before its end")
	errOver        = errors.New("the attempt is over")
)

// leaseMargin is how long before the end of a lease, by this host's monotonic
// clock, an attempt is cut that could not be renewed.
const leaseMargin = 3 * time.Second

// attempt is one run of one job. The lease, the message and the timers are its
// own; what its container is told goes by way of the session.
type attempt struct {
	job     jobs.Job
	held    jobs.Held
	lane    jobs.Lane
	session *localapi.Session
	log     *slog.Logger
	started time.Time
	// received is when the message was; its receipt lasts for so long.
	received time.Time

	// work ends when the attempt is cut, with the reason as its cause.
	work context.Context
	cut  context.CancelCauseFunc

	mutex sync.Mutex
	// receipt of the message; empty once watch messages took its place.
	receipt    string
	concluding bool
	timeout    *time.Timer
	leaseEnd   *time.Timer
	stopEnd    *time.Timer
	drainStart *time.Timer
}

// begin makes an attempt of a claimed job. The lease counts from before the
// claim was sent.
func (w *Worker) begin(ctx context.Context, job jobs.Job, message delivery, claimed time.Time) *attempt {
	work, cut := context.WithCancelCause(ctx)
	a := &attempt{
		job: job, held: job.Held(), lane: message.lane, started: time.Now(),
		received: message.received, receipt: message.Receipt, work: work, cut: cut,
		log: w.log.With("job", job.ID, "attempt", job.Attempts, "fence", job.Fence, "tenant", job.Tenant),
	}
	a.session = localapi.NewSession(ctx, localapi.SessionOptions{
		Job: job, Cut: a.started.Add(w.options.Timeout), Trail: w.options.Runner, Blobs: w.options.Blobs,
	})
	a.timeout = time.AfterFunc(w.options.Timeout, func() { cut(errTimeout) })
	a.leaseEnd = time.AfterFunc(untilCut(claimed), func() { cut(errLeaseEnding) })
	context.AfterFunc(work, func() { a.session.End(context.Cause(work)) })
	w.mutex.Lock()
	w.attempts[a.held] = a
	stop := w.stopAll
	w.mutex.Unlock()
	if stop != nil {
		a.stop(*stop)
	}
	w.noticed(a, job)
	return a
}

// untilCut is the time left for an attempt whose lease was asked for at a time.
func untilCut(asked time.Time) time.Duration {
	return time.Until(asked.Add(jobs.LeaseFor - leaseMargin))
}

// renewed prolongs the lease that was asked for at a time.
func (a *attempt) renewed(asked time.Time) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if !a.concluding {
		a.leaseEnd.Reset(untilCut(asked))
	}
}

// stop tells the container to stop, and cuts it when it does not. Told twice,
// the earlier time holds.
func (a *attempt) stop(stop localapi.Stop) {
	a.session.Stop(stop)
	told, _ := a.session.Stopped()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.stopEnd == nil {
		a.log.Info("telling the container to stop", "reason", string(stop.Reason), "secondsLeft", int(time.Until(told.By).Seconds()))
		a.stopEnd = time.AfterFunc(time.Until(told.By), func() { a.cut(errStopped) })
		return
	}
	a.stopEnd.Reset(time.Until(told.By))
}

// drain lets the attempt run on until it must be told to stop.
func (a *attempt) drain(by time.Time, stopTimeout time.Duration) {
	a.session.DrainBy(by)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.drainStart == nil {
		a.log.Info("a new revision takes over", "secondsLeft", int(time.Until(by).Seconds()))
		a.drainStart = time.AfterFunc(time.Until(by.Add(-stopTimeout)), func() {
			a.stop(localapi.Stop{Reason: localapi.Deploy, By: by})
		})
	}
}

// conclude stops the clocks: what the attempt came to is known, and only the
// store must still hear it.
func (a *attempt) conclude() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.concluding = true
	for _, timer := range []*time.Timer{a.timeout, a.leaseEnd, a.stopEnd, a.drainStart} {
		if timer != nil {
			timer.Stop()
		}
	}
}

func (a *attempt) isConcluding() bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.concluding
}

// running returns the attempts at this moment.
func (w *Worker) running() []*attempt {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	running := make([]*attempt, 0, len(w.attempts))
	for _, a := range w.attempts {
		running = append(running, a)
	}
	return running
}

// sessions returns the attempts as the local API sees them.
func (w *Worker) sessions() []*localapi.Session {
	running := w.running()
	sessions := make([]*localapi.Session, 0, len(running))
	for _, a := range running {
		sessions = append(sessions, a.session)
	}
	return sessions
}
