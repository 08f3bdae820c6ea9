package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/btree"

	"tandem/runtime/jobs"
)

// Store keeps jobs. Make one with NewStore.
type Store struct {
	mu     sync.RWMutex
	jobs   map[string]*jobs.Job // never changed, only replaced
	lists  map[string]*btree.BTreeG[jobs.Position]
	states map[partition]*btree.BTreeG[due]
	ends   *btree.BTreeG[end]
	trails map[trailKey]*trail
}

var _ jobs.Store = (*Store)(nil)

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{
		jobs:   map[string]*jobs.Job{},
		lists:  map[string]*btree.BTreeG[jobs.Position]{},
		states: map[partition]*btree.BTreeG[due]{},
		ends:   btree.NewG(degree, end.less),
		trails: map[trailKey]*trail{},
	}
}

const degree = 32

// Create implements jobs.Records.
func (s *Store) Create(_ context.Context, job jobs.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(job.Created)
	existing, found := s.jobs[job.ID]
	switch {
	case found && sameWrite(existing, &job):
		return nil
	case found && (existing.ExpiresAt.IsZero() || existing.ExpiresAt.After(job.Created)):
		return &jobs.StateError{Err: jobs.ErrExists, Job: *clone(existing)}
	default:
		s.put(clone(&job))
		return nil
	}
}

// Get implements jobs.Records.
func (s *Store) Get(_ context.Context, id string) (jobs.Job, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	job, found := s.jobs[id]
	if !found {
		return jobs.Job{}, jobs.ErrNotFound
	}
	return *clone(job), nil
}

// Replace implements jobs.Records.
func (s *Store) Replace(_ context.Context, job jobs.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	existing, found := s.jobs[job.ID]
	switch {
	case !found:
		return jobs.ErrNotFound
	case sameWrite(existing, &job):
		return nil
	case existing.Revision != job.Revision-1:
		return conflict(existing)
	}
	s.put(clone(&job))
	return nil
}

// Claim implements jobs.Leases.
func (s *Store) Claim(_ context.Context, claim jobs.Claim) (jobs.Job, error) {
	return s.update(claim.ID, func(job jobs.Job) (jobs.Job, bool) {
		return job.Claimed(claim), job.Claimable(claim)
	}, func(job jobs.Job) bool { return job.ClaimedBy(claim) })
}

// Renew implements jobs.Leases.
func (s *Store) Renew(_ context.Context, renewal jobs.Renewal) (jobs.Job, error) {
	return s.update(renewal.ID, func(job jobs.Job) (jobs.Job, bool) {
		return job.Renewed(renewal), job.Holds(renewal.Held)
	}, nil)
}

// Commit implements jobs.Leases.
func (s *Store) Commit(_ context.Context, commit jobs.Commit) (jobs.Job, error) {
	return s.update(commit.ID, func(job jobs.Job) (jobs.Job, bool) {
		return job.Committed(commit), job.Holds(commit.Held)
	}, func(job jobs.Job) bool { return job.CommittedBy(commit) })
}

// update writes what change makes of a job if it may, or finds it done already.
func (s *Store) update(id string, change func(jobs.Job) (jobs.Job, bool), done func(jobs.Job) bool) (jobs.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job, found := s.jobs[id]
	if !found {
		return jobs.Job{}, jobs.ErrNotFound
	}
	next, allowed := change(*job)
	switch {
	case allowed:
		s.put(&next)
		return *clone(&next), nil
	case done != nil && done(*job):
		return *clone(job), nil
	default:
		return jobs.Job{}, conflict(job)
	}
}

// put stores a job and keeps the indexes true.
func (s *Store) put(job *jobs.Job) {
	if before, found := s.jobs[job.ID]; found {
		s.unindex(before)
	}
	s.jobs[job.ID] = job
	s.index(job)
}

// forget removes a few jobs that are past their time, so that a process that
// keeps taking jobs does not grow for ever.
func (s *Store) forget(now time.Time) {
	for range 4 {
		first, found := s.ends.Min()
		if !found || first.at.After(now) {
			return
		}
		gone := s.jobs[first.id]
		s.unindex(gone)
		delete(s.jobs, gone.ID)
		delete(s.trails, keyOf(gone.Held()))
	}
}

// sameWrite tells whether the stored job was left by this very write.
func sameWrite(existing, job *jobs.Job) bool {
	return job.WriteToken != "" && existing.WriteToken == job.WriteToken
}

func conflict(job *jobs.Job) error {
	return &jobs.StateError{Err: jobs.ErrConflict, Job: *clone(job)}
}

// clone keeps callers from changing what is stored.
func clone(job *jobs.Job) *jobs.Job {
	own := *job
	own.Metadata = maps.Clone(job.Metadata)
	own.RequestHash = slices.Clone(job.RequestHash)
	own.Input.Inline = slices.Clone(job.Input.Inline)
	own.Result.Inline = slices.Clone(job.Result.Inline)
	return &own
}
