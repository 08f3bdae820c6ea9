package jobs

import (
	"context"
	"slices"
	"time"
)

// Filter selects jobs of a tenant; the zero value selects all.
type Filter struct {
	// States to include. Defaults to all.
	States []State
	// Worker to include. Defaults to all.
	Worker string
	// CreatedFrom and CreatedBefore bound the creation. Default to no bound.
	CreatedFrom, CreatedBefore time.Time
}

// Matches tells whether the filter selects the job.
func (f Filter) Matches(job Job) bool {
	return (len(f.States) == 0 || slices.Contains(f.States, job.State)) &&
		(f.Worker == "" || f.Worker == job.Worker) &&
		(f.CreatedFrom.IsZero() || !job.Created.Before(f.CreatedFrom)) &&
		(f.CreatedBefore.IsZero() || job.Created.Before(f.CreatedBefore))
}

// Page of a list.
type Page struct {
	Jobs []Job
	// Cursor of the next page, empty at the end. A page may be short, even empty,
	// and not be the last: a call looks at no more than [MaxScanned] jobs.
	Cursor string
}

// Bounds of a list.
const (
	// DefaultLimit of jobs in a page.
	DefaultLimit = 50
	// MaxLimit of jobs in a page.
	MaxLimit = 100
	// MaxScanned is how many jobs one call looks at in search of matching ones.
	MaxScanned = 1000
)

// List returns jobs of the tenant, newest first. Limit is 1 to [MaxLimit], 0 for
// [DefaultLimit]. Errors: ErrBadCursor, *InvalidError.
func (s *Service) List(ctx context.Context, tenant string, filter Filter, cursor string, limit int) (Page, error) {
	if limit == 0 {
		limit = DefaultLimit
	}
	if limit < 0 || limit > MaxLimit {
		return Page{}, &InvalidError{Field: "limit", Reason: "must be 1 to 100"}
	}
	for _, state := range filter.States {
		if !state.Valid() {
			return Page{}, &InvalidError{Field: "state", Reason: "must be queued, running, succeeded, failed, cancelled or expired"}
		}
	}
	after, err := parseCursor(cursor)
	if err != nil {
		return Page{}, err
	}
	if after == nil && !filter.CreatedBefore.IsZero() {
		after = &Position{Created: filter.CreatedBefore}
	}
	now, page := s.now(), Page{}
	for scanned := 0; scanned < MaxScanned; {
		found, next, err := s.store.List(ctx, tenant, after, MaxLimit)
		if err != nil {
			return Page{}, err
		}
		for _, job := range found {
			if !filter.CreatedFrom.IsZero() && job.Created.Before(filter.CreatedFrom) {
				return page, nil
			}
			if job.gone(now) || !filter.Matches(job) {
				continue
			}
			page.Jobs = append(page.Jobs, job)
			if len(page.Jobs) == limit {
				page.Cursor = formatCursor(Position{Created: job.Created, ID: job.ID})
				return page, nil
			}
		}
		if next == nil {
			return page, nil
		}
		scanned += MaxLimit
		after = next
	}
	page.Cursor = formatCursor(*after)
	return page, nil
}
