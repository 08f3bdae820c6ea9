package worker_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker"
)

var errCut = errors.New("connection refused")

// cutOff stands between one worker and the world, and can be cut.
type cutOff struct {
	mutex sync.Mutex
	off   bool
	// renewals counts those that got through.
	renewals int
}

func (c *cutOff) cut()     { c.set(true) }
func (c *cutOff) restore() { c.set(false) }

func (c *cutOff) set(off bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.off = off
}

func (c *cutOff) err() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.off {
		return errCut
	}
	return nil
}

func (c *cutOff) renewed() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.renewals
}

func (c *cutOff) store(store jobs.RunnerStore) jobs.RunnerStore { return cutStore{store, c} }
func (c *cutOff) queue(queue worker.Queue) worker.Queue         { return cutQueue{queue, c} }

type cutStore struct {
	jobs.RunnerStore
	*cutOff
}

func (s cutStore) Get(ctx context.Context, id string) (jobs.Job, error) {
	if err := s.err(); err != nil {
		return jobs.Job{}, err
	}
	return s.RunnerStore.Get(ctx, id)
}

func (s cutStore) Replace(ctx context.Context, job jobs.Job) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.RunnerStore.Replace(ctx, job)
}

func (s cutStore) Claim(ctx context.Context, claim jobs.Claim) (jobs.Job, error) {
	if err := s.err(); err != nil {
		return jobs.Job{}, err
	}
	return s.RunnerStore.Claim(ctx, claim)
}

func (s cutStore) Renew(ctx context.Context, renewal jobs.Renewal) (jobs.Job, error) {
	if err := s.err(); err != nil {
		return jobs.Job{}, err
	}
	s.mutex.Lock()
	s.renewals++
	s.mutex.Unlock()
	return s.RunnerStore.Renew(ctx, renewal)
}

func (s cutStore) Commit(ctx context.Context, commit jobs.Commit) (jobs.Job, error) {
	if err := s.err(); err != nil {
		return jobs.Job{}, err
	}
	return s.RunnerStore.Commit(ctx, commit)
}

type cutQueue struct {
	worker.Queue
	*cutOff
}

func (q cutQueue) Receive(ctx context.Context, lane jobs.Lane, max int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	if err := q.err(); err != nil {
		return nil, err
	}
	deliveries, err := q.Queue.Receive(ctx, lane, max, wait, visibility)
	if cut := q.err(); cut != nil {
		return nil, cut
	}
	return deliveries, err
}

func (q cutQueue) ChangeVisibility(ctx context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error {
	if err := q.err(); err != nil {
		return err
	}
	return q.Queue.ChangeVisibility(ctx, lane, changes)
}

func (q cutQueue) Delete(ctx context.Context, lane jobs.Lane, receipts []string) error {
	if err := q.err(); err != nil {
		return err
	}
	return q.Queue.Delete(ctx, lane, receipts)
}
