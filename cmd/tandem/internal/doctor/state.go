package doctor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tandem/runtime/jobs"
)

// state is what the state table says of waiting and running jobs. Two checks
// need the same part of it, so it is read once.
type state struct {
	finder     jobs.Finder
	deployment Deployment

	once    sync.Once
	running []jobs.Job
	err     error
}

// mostRunning bounds how many running jobs are looked at.
const mostRunning = 10_000

// runningJobs reads the jobs that run.
func (s *state) runningJobs(ctx context.Context) ([]jobs.Job, error) {
	s.once.Do(func() {
		s.running, s.err = s.each(ctx, mostRunning, s.finder.FindRunning)
		if s.err != nil {
			s.err = fmt.Errorf("reading the running jobs: %w", s.err)
		}
	})
	return s.running, s.err
}

// waiting is what waits for one worker.
type waiting struct {
	jobs   int
	oldest time.Duration
}

// mostWaiting bounds how many jobs of one lane and shard are looked at: the
// longest waiting come first.
const mostWaiting = 200

// waitingJobs reads what waits for a worker and may run now.
func (s *state) waitingJobs(ctx context.Context, worker string) (waiting, error) {
	var w waiting
	for priority := range s.deployment.Queues.Workers[worker] {
		lane := jobs.Lane{Worker: worker, Priority: jobs.Priority(priority)}
		queued, err := s.each(ctx, mostWaiting, func(ctx context.Context, page jobs.Scan) (jobs.Found, error) {
			return s.finder.FindQueued(ctx, lane, page)
		})
		if err != nil {
			return w, fmt.Errorf("reading the jobs that wait for %s: %w", lane, err)
		}
		for _, job := range queued {
			since := job.QueuedAt
			if job.NotBefore.After(since) {
				since = job.NotBefore
			}
			if since.After(s.deployment.Now) {
				continue
			}
			w.jobs++
			w.oldest = max(w.oldest, s.deployment.Now.Sub(since))
		}
	}
	return w, nil
}

// each reads up to so many jobs of every shard.
func (s *state) each(ctx context.Context, most int, find func(context.Context, jobs.Scan) (jobs.Found, error)) ([]jobs.Job, error) {
	var found []jobs.Job
	for shard := range jobs.Shards {
		page := jobs.Scan{Shard: shard, Limit: 100}
		for count := 0; count < most; {
			part, err := find(ctx, page)
			if err != nil {
				return nil, err
			}
			count += len(part.Jobs)
			found = slices.Concat(found, part.Jobs)
			if page.After = part.Next; page.After == "" {
				break
			}
		}
	}
	return found, nil
}
