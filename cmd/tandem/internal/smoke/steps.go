package smoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/display"
	"tandem/runtime/httpapi/api"
)

// poll is how long one question may wait for the end of a job.
const poll = 15 * time.Second

// submit submits a job and remembers it.
func (r *run) submit(ctx context.Context, request api.JobRequest) (api.Job, error) {
	request.Worker = r.Worker
	job, err := r.client.Submit(ctx, apiclient.Submission{JobRequest: request, IdempotencyKey: uuid.NewString()})
	if err != nil {
		return job, fmt.Errorf("submitting a job: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs = append(r.jobs, job.ID)
	return job, nil
}

// end waits until a job has ended.
func (r *run) end(ctx context.Context, job api.Job, limit time.Duration) (api.Job, error) {
	since := r.Now()
	for !apiclient.Over(job) {
		waited := r.Now().Sub(since)
		if waited > limit {
			return job, fmt.Errorf("job %s is %s after %s: 'tandem doctor' may tell why", job.ID, job.State, display.Span(waited))
		}
		r.Note(fmt.Sprintf("%s for %s", job.State, display.Span(waited)))
		next, err := r.client.Job(ctx, job.ID, min(poll, max(time.Second, limit-waited)))
		if err != nil {
			return job, fmt.Errorf("waiting for job %s: %w", job.ID, err)
		}
		if job = next; !apiclient.Over(job) {
			// A gateway that does not wait must not be asked without pause.
			if err := sleep(ctx, 200*time.Millisecond); err != nil {
				return job, err
			}
		}
	}
	return job, nil
}

// succeed waits for a job and fails unless it has succeeded.
func (r *run) succeed(ctx context.Context, job api.Job) (api.Job, error) {
	job, err := r.end(ctx, job, r.Timeout)
	if err == nil && job.State != api.JobStateSucceeded {
		err = fmt.Errorf("job %s is %s: %s: %s; if its container does not understand the input, give another by --data",
			job.ID, job.State, job.Error.Code, job.Error.Message)
	}
	return job, err
}

func (r *run) runOne(ctx context.Context) (string, error) {
	job, err := r.submit(ctx, api.JobRequest{Input: r.Input})
	if err != nil {
		return "", err
	}
	if job, err = r.succeed(ctx, job); err != nil {
		return "", err
	}
	r.result = job.ID
	return fmt.Sprintf("job %s of %s succeeded: waited %s, ran %s", job.ID, r.Worker,
		display.Span(job.StartedAt.Sub(job.CreatedAt)), display.Span(job.EndedAt.Sub(job.StartedAt))), nil
}

func (r *run) fetch(ctx context.Context) (string, error) {
	job, err := r.client.Job(ctx, r.result, 0)
	if err != nil {
		return "", err
	}
	size, err := r.client.Download(ctx, job, io.Discard, nil)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s of %s", display.Size(size), job.Result.ContentType), nil
}

// upload sends the input the way that large ones go.
func (r *run) upload(ctx context.Context) (string, error) {
	slot, err := r.client.Upload(ctx, apiclient.Input{Content: bytes.NewReader(r.Input), Size: int64(len(r.Input)), ContentType: "application/json"})
	if err != nil {
		return "", err
	}
	job, err := r.submit(ctx, api.JobRequest{Upload: &slot})
	if err != nil {
		return "", err
	}
	if job, err = r.succeed(ctx, job); err != nil {
		return "", err
	}
	return fmt.Sprintf("job %s succeeded with an input from an upload slot", job.ID), nil
}

// cancelLimit is how long a job may take to end once it has been told to.
const cancelLimit = 2 * time.Minute

// cancel cancels a job before it has ended. A worker may be faster than the
// next request, so more and more are tried at once, until it is busy.
func (r *run) cancel(ctx context.Context) (string, error) {
	for _, count := range []int{1, 8, 32} {
		cancelled, err := r.cancelSome(ctx, count)
		if err != nil {
			return "", err
		}
		if cancelled > 0 {
			return fmt.Sprintf("%d of %d jobs were cancelled before they had ended", cancelled, count), nil
		}
	}
	return "", errors.New("every job had ended before it could be cancelled: give an input by --data that takes longer")
}

// cancelSome submits so many jobs at once, cancels them at once, and counts
// those that were cancelled in time.
func (r *run) cancelSome(ctx context.Context, count int) (cancelled int, err error) {
	low := api.Low
	submitted := make([]api.Job, count)
	err = atOnce(count, func(i int) (err error) {
		submitted[i], err = r.submit(ctx, api.JobRequest{Input: r.Input, Priority: &low})
		return err
	})
	if err != nil {
		return 0, err
	}
	err = atOnce(count, func(i int) error {
		_, err := r.client.Cancel(ctx, submitted[i].ID)
		if err != nil && !apiclient.IsStatus(err, http.StatusConflict) { // a conflict: it has ended
			return fmt.Errorf("cancelling job %s: %w", submitted[i].ID, err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, job := range submitted {
		job, err := r.end(ctx, job, cancelLimit)
		if err != nil {
			return 0, err
		}
		if job.State == api.JobStateCancelled {
			cancelled++
		}
	}
	return cancelled, nil
}

// atOnce does something for each of 0 to count-1, all at the same time.
func atOnce(count int, do func(int) error) error {
	var group errgroup.Group
	for i := range count {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
