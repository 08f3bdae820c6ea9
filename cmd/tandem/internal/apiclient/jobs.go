package apiclient

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/runtime/httpapi/api"
)

// Submission is a job to submit.
type Submission struct {
	api.JobRequest
	// IdempotencyKey makes the call safe to repeat; without one, a repetition
	// after a lost answer makes a second job.
	IdempotencyKey string
	// Wait up to so long for the job's end, in whole seconds; 0 does not wait.
	Wait time.Duration
}

// Submit submits a job.
func (c *Client) Submit(ctx context.Context, submission Submission) (api.Job, error) {
	header := http.Header{}
	if submission.IdempotencyKey != "" {
		header.Set("Idempotency-Key", submission.IdempotencyKey)
	}
	prefer(header, submission.Wait)
	var job api.Job
	err := c.call(ctx, http.MethodPost, "/v1/jobs", header, submission.JobRequest, &job)
	return job, err
}

func prefer(header http.Header, wait time.Duration) {
	if wait >= time.Second {
		header.Set("Prefer", "wait="+strconv.Itoa(int(wait/time.Second)))
	}
}

// Job reads a job, waiting up to so long for its end; 0 does not wait.
func (c *Client) Job(ctx context.Context, id string, wait time.Duration) (api.Job, error) {
	header := http.Header{}
	prefer(header, wait)
	var job api.Job
	err := c.call(ctx, http.MethodGet, "/v1/jobs/"+url.PathEscape(id), header, nil, &job)
	return job, err
}

// Cancel cancels a job. One that is running ends a little later.
func (c *Client) Cancel(ctx context.Context, id string) (api.Job, error) {
	var job api.Job
	err := c.call(ctx, http.MethodDelete, "/v1/jobs/"+url.PathEscape(id), nil, nil, &job)
	return job, err
}

// Redrive puts jobs that did not succeed back into the queue, a page of them.
func (c *Client) Redrive(ctx context.Context, request api.RedriveRequest) (api.JobList, error) {
	var list api.JobList
	err := c.call(ctx, http.MethodPost, "/v1/redrives", nil, request, &list)
	return list, err
}

// Filter selects jobs of a list.
type Filter struct {
	// States to include; none is all.
	States []string
	// Worker to include; empty is all.
	Worker string
}

const pageLimit = 100

// Jobs lists the caller's jobs, newest first, up to limit of them; 0 is no
// limit. It asks for a page when the one before is used up.
func (c *Client) Jobs(ctx context.Context, filter Filter, limit int) iter.Seq2[api.Job, error] {
	return func(yield func(api.Job, error) bool) {
		query := url.Values{"state": filter.States}
		if filter.Worker != "" {
			query.Set("worker", filter.Worker)
		}
		for listed := 0; ; {
			page := pageLimit
			if limit > 0 {
				page = min(page, limit-listed)
			}
			query.Set("limit", strconv.Itoa(page))
			var list api.JobList
			if err := c.call(ctx, http.MethodGet, "/v1/jobs?"+query.Encode(), nil, nil, &list); err != nil {
				yield(api.Job{}, fmt.Errorf("listing jobs: %w", err))
				return
			}
			for _, job := range list.Jobs {
				if !yield(job, nil) {
					return
				}
				listed++
			}
			if list.Next == "" || limit > 0 && listed >= limit {
				return
			}
			query.Set("cursor", list.Next)
		}
	}
}

// Over reports whether a job has ended.
func Over(job api.Job) bool {
	switch job.State {
	case api.JobStateSucceeded, api.JobStateFailed, api.JobStateCancelled, api.JobStateExpired:
		return true
	default:
		return false
	}
}
