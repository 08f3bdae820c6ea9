package memory

import (
	"context"
	"time"

	"github.com/google/btree"

	"tandem/runtime/jobs"
)

// due places a job in the index of its state: deadlines first, then by age.
type due struct {
	deadline time.Time
	since    time.Time
	id       string
}

func (d due) less(other due) bool {
	switch {
	case d.deadline.IsZero() != other.deadline.IsZero():
		return other.deadline.IsZero()
	case !d.deadline.Equal(other.deadline):
		return d.deadline.Before(other.deadline)
	case !d.since.Equal(other.since):
		return d.since.Before(other.since)
	default:
		return d.id < other.id
	}
}

// end places a finished job by when it disappears.
type end struct {
	at time.Time
	id string
}

func (e end) less(other end) bool {
	if !e.at.Equal(other.at) {
		return e.at.Before(other.at)
	}
	return e.id < other.id
}

// older orders a tenant's list by age, so that a new job goes to its end; it is
// read from there.
func older(a, b jobs.Position) bool {
	if !a.Created.Equal(b.Created) {
		return a.Created.Before(b.Created)
	}
	return a.ID < b.ID
}

// partition is what jobs are found by: what they wait for, queued ones by their
// lane, and their shard.
type partition struct {
	waits waiting
	lane  jobs.Lane
	shard int
}

type waiting byte

const (
	waitsForWorker waiting = iota
	waitsForEnd
	waitsForWebhook
)

// place returns the partition that a job is found in, and its place there;
// false where nothing waits for it.
func place(job *jobs.Job) (partition, due, bool) {
	shard := jobs.ShardOf(job.ID)
	switch {
	case job.State == jobs.Queued:
		return partition{waitsForWorker, job.Lane(), shard}, due{job.Deadline, job.QueuedAt, job.ID}, true
	case job.State == jobs.Running:
		return partition{waits: waitsForEnd, shard: shard}, due{since: job.Started, id: job.ID}, true
	case job.Webhook.State == jobs.DeliveryPending:
		return partition{waits: waitsForWebhook, shard: shard}, due{since: job.Finished, id: job.ID}, true
	default:
		return partition{}, due{}, false
	}
}

func (s *Store) index(job *jobs.Job) {
	tree(s.lists, job.Tenant, older).ReplaceOrInsert(jobs.Position{Created: job.Created, ID: job.ID})
	if in, place, found := place(job); found {
		tree(s.states, in, due.less).ReplaceOrInsert(place)
	}
	if !job.ExpiresAt.IsZero() {
		s.ends.ReplaceOrInsert(end{job.ExpiresAt, job.ID})
	}
}

func (s *Store) unindex(job *jobs.Job) {
	tree(s.lists, job.Tenant, older).Delete(jobs.Position{Created: job.Created, ID: job.ID})
	if in, place, found := place(job); found {
		tree(s.states, in, due.less).Delete(place)
	}
	if !job.ExpiresAt.IsZero() {
		s.ends.Delete(end{job.ExpiresAt, job.ID})
	}
}

func tree[K comparable, T any](trees map[K]*btree.BTreeG[T], name K, less btree.LessFunc[T]) *btree.BTreeG[T] {
	found := trees[name]
	if found == nil {
		found = btree.NewG(degree, less)
		trees[name] = found
	}
	return found
}

// List implements jobs.Lister.
func (s *Store) List(_ context.Context, tenant string, after *jobs.Position, limit int) ([]jobs.Job, *jobs.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.lists[tenant]
	if list == nil {
		return nil, nil, nil
	}
	var page []jobs.Job
	more := false
	visit := func(position jobs.Position) bool {
		if after != nil && position == *after {
			return true
		}
		if more = len(page) == limit; more {
			return false
		}
		page = append(page, *clone(s.jobs[position.ID]))
		return true
	}
	if after == nil {
		list.Descend(visit)
	} else {
		list.DescendLessOrEqual(*after, visit)
	}
	if !more {
		return page, nil, nil
	}
	last := page[len(page)-1]
	return page, &jobs.Position{Created: last.Created, ID: last.ID}, nil
}

// FindQueued implements jobs.Finder.
func (s *Store) FindQueued(_ context.Context, lane jobs.Lane, page jobs.Scan) (jobs.Found, error) {
	return s.find(partition{waits: waitsForWorker, lane: lane}, page)
}

// FindRunning implements jobs.Finder.
func (s *Store) FindRunning(_ context.Context, page jobs.Scan) (jobs.Found, error) {
	return s.find(partition{waits: waitsForEnd}, page)
}

// FindPendingWebhooks implements jobs.Finder.
func (s *Store) FindPendingWebhooks(_ context.Context, page jobs.Scan) (jobs.Found, error) {
	return s.find(partition{waits: waitsForWebhook}, page)
}

func (s *Store) find(in partition, page jobs.Scan) (jobs.Found, error) {
	in.shard = page.Shard
	s.mu.RLock()
	defer s.mu.RUnlock()
	places := s.states[in]
	if places == nil {
		return jobs.Found{}, nil
	}
	var found jobs.Found
	visit := func(place due) bool {
		if !page.Overdue.IsZero() && (place.deadline.IsZero() || place.deadline.After(page.Overdue)) {
			return false
		}
		if len(found.Jobs) == page.Limit {
			found.Next = place.token()
			return false
		}
		found.Jobs = append(found.Jobs, *clone(s.jobs[place.id]))
		return true
	}
	if page.After == "" {
		places.Ascend(visit)
		return found, nil
	}
	from, err := parseDue(page.After)
	if err != nil {
		return jobs.Found{}, err
	}
	places.AscendGreaterOrEqual(from, visit)
	return found, nil
}
