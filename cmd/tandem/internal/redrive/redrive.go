// Package redrive puts a tenant's jobs back into the queue: those that are named,
// or page by page all that a filter selects; for an operator on the state table,
// for the tenant itself through the API.
package redrive

import (
	"context"
	"errors"
	"fmt"

	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/jobs"
)

// Service is what a redrive calls; *jobs.Service is one.
type Service interface {
	Redrive(ctx context.Context, tenant string, filter jobs.Filter, cursor string) (jobs.Redriven, error)
	RedriveOne(ctx context.Context, tenant, id string) (jobs.Job, error)
	List(ctx context.Context, tenant string, filter jobs.Filter, cursor string, limit int) (jobs.Page, error)
	Get(ctx context.Context, tenant, id string) (jobs.Job, error)
}

// Request says which jobs.
type Request struct {
	Tenant string
	// IDs of single jobs; none takes the filter.
	IDs []string
	// Filter with no states takes failed ones.
	Filter jobs.Filter
	// DryRun changes nothing.
	DryRun bool
}

// Done tells what was, or would be, put back.
type Done struct {
	IDs    []string `json:"jobs"`
	DryRun bool     `json:"dryRun,omitempty"`
}

// Run redrives jobs. Say is told how far it has come. After an error Done
// holds what was done until then.
func Run(ctx context.Context, service Service, request Request, say func(string)) (Done, error) {
	done := Done{IDs: []string{}, DryRun: request.DryRun}
	if len(request.IDs) > 0 {
		err := each(ctx, service, request, &done)
		return done, err
	}
	if len(request.Filter.States) == 0 {
		request.Filter.States = []jobs.State{jobs.Failed}
	}
	for cursor, more := "", true; more; more = cursor != "" {
		found, next, err := page(ctx, service, request, cursor)
		for _, job := range found {
			done.IDs = append(done.IDs, job.ID)
		}
		if err != nil {
			return done, fmt.Errorf("putting jobs of %s back into the queue: %w", request.Tenant, err)
		}
		say(fmt.Sprintf("%d jobs", len(done.IDs)))
		cursor = next
	}
	return done, nil
}

func page(ctx context.Context, service Service, request Request, cursor string) ([]jobs.Job, string, error) {
	if request.DryRun {
		found, err := service.List(ctx, request.Tenant, request.Filter, cursor, jobs.MaxLimit)
		return found.Jobs, found.Cursor, err
	}
	redriven, err := service.Redrive(ctx, request.Tenant, request.Filter, cursor)
	return redriven.Jobs, redriven.Cursor, err
}

func each(ctx context.Context, service Service, request Request, done *Done) error {
	for _, id := range request.IDs {
		var job jobs.Job
		var err error
		if request.DryRun {
			if job, err = service.Get(ctx, request.Tenant, id); err == nil && (!job.State.Terminal() || job.State == jobs.Succeeded) {
				err = &jobs.StateError{Err: jobs.ErrConflict, Job: job}
			}
		} else {
			job, err = service.RedriveOne(ctx, request.Tenant, id)
		}
		var refused *jobs.StateError
		switch {
		case errors.Is(err, jobs.ErrNotFound):
			return exit.With(exit.NotFound, fmt.Errorf("tenant %s has no job %s", request.Tenant, id))
		case errors.As(err, &refused):
			return fmt.Errorf("job %s is %s: only failed, cancelled and expired jobs go back into the queue", id, refused.Job.State)
		case err != nil:
			return fmt.Errorf("putting job %s back into the queue: %w", id, err)
		}
		done.IDs = append(done.IDs, job.ID)
	}
	return nil
}
