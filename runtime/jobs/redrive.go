package jobs

import (
	"context"
	"fmt"
)

// Redriven tells what a call of Redrive did.
type Redriven struct {
	// Jobs that were put back into the queue.
	Jobs []Job
	// Cursor to go on from, empty at the end.
	Cursor string
}

// Redrive puts failed, cancelled and expired jobs of the tenant that match the
// filter back into the queue, a page at a time; with no states in the filter,
// failed ones. Attempts and interruptions start from zero, a deadline that has
// passed is dropped, and stored steps stay. Errors: ErrBadCursor, *InvalidError.
func (s *Service) Redrive(ctx context.Context, tenant string, filter Filter, cursor string) (Redriven, error) {
	if len(filter.States) == 0 {
		filter.States = []State{Failed}
	}
	for _, state := range filter.States {
		if !state.Terminal() || state == Succeeded {
			return Redriven{}, &InvalidError{Field: "state", Reason: "must be failed, cancelled or expired"}
		}
	}
	page, err := s.List(ctx, tenant, filter, cursor, MaxLimit)
	if err != nil {
		return Redriven{}, err
	}
	result := Redriven{Cursor: page.Cursor}
	for _, job := range page.Jobs {
		job, changed, err := s.redrive(ctx, job, filter)
		if err != nil {
			return result, err
		}
		if changed {
			result.Jobs = append(result.Jobs, job)
		}
	}
	return result, nil
}

// RedriveOne puts one job back into the queue. A *StateError with ErrConflict
// tells that the job is not over or has succeeded.
func (s *Service) RedriveOne(ctx context.Context, tenant, id string) (Job, error) {
	job, err := s.Get(ctx, tenant, id)
	if err != nil {
		return Job{}, err
	}
	job, changed, err := s.redrive(ctx, job, Filter{})
	if err == nil && !changed {
		err = &StateError{Err: ErrConflict, Job: job}
	}
	return job, err
}

func (s *Service) redrive(ctx context.Context, job Job, filter Filter) (Job, bool, error) {
	written := false
	job, err := retryConflicts(ctx, s.store, s.options.IDs, job, func(job Job) (Job, bool) {
		next, ok := job.redriven(s.now())
		written = ok && filter.Matches(job)
		return next, written
	})
	if err != nil || !written {
		return job, false, err
	}
	if err := s.queue.Send(ctx, job.Lane(), Message{ID: job.ID, Tenant: job.Tenant}, 0); err != nil {
		return job, true, fmt.Errorf("announcing job %s, which is back in the queue: %w", job.ID, err)
	}
	return job, true, nil
}
