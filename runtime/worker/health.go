package worker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// failedPings after which the container counts as hung.
	failedPings = 3
	// startPing is how often a container is asked that has not answered yet.
	startPing = time.Second
	// replaceAfter is how long a container may be unhealthy until the worker ends
	// with an error, so that ECS replaces the task.
	replaceAfter = 2 * time.Minute
)

// health asks the container until the context ends. Work is only taken while it
// answers; attempts are cut after three pings without an answer. It returns an
// error when the task should be replaced.
func (w *Worker) health(ctx context.Context) error {
	if err := w.awaitContainer(ctx); err != nil {
		return err
	}
	failures, healthy := 0, time.Now()
	for {
		wait := w.options.PingEvery
		if failures >= failedPings {
			wait = startPing
		}
		if !w.untilPing(ctx, wait) {
			return nil
		}
		err := w.options.Container.Ping(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			if failures >= failedPings {
				w.log.Info("the container answers again")
			}
			failures, healthy = 0, time.Now()
			w.options.Metrics.containerUp(true)
			w.resume("container")
			continue
		}
		failures++
		w.options.Metrics.containerUp(false)
		if failures <= failedPings {
			w.log.Warn("the container does not answer /ping", "failures", failures, "error", err)
		}
		// An attempt may be the reason that it does not answer, and is given three
		// tries; a new one would not get through now.
		w.pause("container")
		if failures == failedPings {
			for _, a := range w.running() {
				a.cut(errUnhealthy)
			}
		}
		if failures >= failedPings && time.Since(healthy) > replaceAfter && w.intake.busy() == 0 && !w.draining() {
			return fmt.Errorf("the container has not answered /ping for %v; this task should be replaced: %w", time.Since(healthy).Round(time.Second), err)
		}
	}
}

// suspect takes no work until the container has answered a ping: it went away
// during an attempt, and the next one would only be wasted.
func (w *Worker) suspect() {
	w.pause("container")
	select {
	case w.suspected <- struct{}{}:
	default:
	}
}

// untilPing waits for the time of the next ping, or for a reason to ask now.
func (w *Worker) untilPing(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.suspected:
		return sleep(ctx, startPing)
	case <-ctx.Done():
		return false
	}
}

// awaitContainer waits for the first answer: a model may take long to load.
func (w *Worker) awaitContainer(ctx context.Context) error {
	begun := time.Now()
	for {
		err := w.options.Container.Ping(ctx)
		switch {
		case err == nil:
			w.log.Info("the container takes jobs", "afterSeconds", time.Since(begun).Seconds())
			w.options.Metrics.containerUp(true)
			w.resume("container")
			return nil
		case ctx.Err() != nil:
			return nil
		case time.Since(begun) > w.options.StartLimit && !w.draining():
			return errors.Join(fmt.Errorf("the container did not answer /ping within %v of its start", w.options.StartLimit), err)
		}
		if !sleep(ctx, startPing) {
			return nil
		}
	}
}

func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
