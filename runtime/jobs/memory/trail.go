package memory

import (
	"context"
	"maps"
	"slices"
	"sort"

	"tandem/runtime/jobs"
)

// trail is what the attempts of one job left behind.
type trail struct {
	steps      map[string]jobs.Step
	checkpoint *jobs.Checkpoint
	events     []jobs.Event
}

// trailKey tells the trails of two jobs of the same id apart.
type trailKey struct {
	id      string
	created int64
}

func keyOf(held jobs.Held) trailKey { return trailKey{held.ID, held.Created.UnixMilli()} }

func (s *Store) trail(held jobs.Held) *trail {
	found := s.trails[keyOf(held)]
	if found == nil {
		found = &trail{steps: map[string]jobs.Step{}}
		s.trails[keyOf(held)] = found
	}
	return found
}

// PutStep implements jobs.Trail.
func (s *Store) PutStep(_ context.Context, held jobs.Held, step jobs.Step) (jobs.Step, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(held) {
		return jobs.Step{}, false, jobs.ErrLeaseLost
	}
	steps := s.trail(held).steps
	if stored, found := steps[step.Key]; found {
		return stored, false, nil
	}
	step.Result.Inline = slices.Clone(step.Result.Inline)
	steps[step.Key] = step
	return step, true, nil
}

// GetStep implements jobs.Trail.
func (s *Store) GetStep(_ context.Context, held jobs.Held, key string) (jobs.Step, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	trail := s.trails[keyOf(held)]
	if trail == nil {
		return jobs.Step{}, false, nil
	}
	step, found := trail.steps[key]
	return step, found, nil
}

// holds tells whether the job runs with the fence.
func (s *Store) holds(held jobs.Held) bool {
	job, found := s.jobs[held.ID]
	return found && job.Holds(held)
}

// ListSteps implements jobs.Trail.
func (s *Store) ListSteps(_ context.Context, held jobs.Held, after string, limit int) ([]jobs.Step, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	trail := s.trails[keyOf(held)]
	if trail == nil {
		return nil, nil
	}
	keys := slices.Sorted(maps.Keys(trail.steps))
	var page []jobs.Step
	for _, key := range keys[sort.Search(len(keys), func(i int) bool { return keys[i] > after }):] {
		if len(page) == limit {
			break
		}
		page = append(page, trail.steps[key])
	}
	return page, nil
}

// PutCheckpoint implements jobs.Trail.
func (s *Store) PutCheckpoint(_ context.Context, held jobs.Held, checkpoint jobs.Checkpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds(held) {
		return jobs.ErrLeaseLost
	}
	checkpoint.Data.Inline = slices.Clone(checkpoint.Data.Inline)
	s.trail(held).checkpoint = &checkpoint
	return nil
}

// GetCheckpoint implements jobs.Trail.
func (s *Store) GetCheckpoint(_ context.Context, held jobs.Held) (jobs.Checkpoint, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	trail := s.trails[keyOf(held)]
	if trail == nil || trail.checkpoint == nil {
		return jobs.Checkpoint{}, false, nil
	}
	return *trail.checkpoint, true, nil
}

// AppendEvents implements jobs.Trail.
func (s *Store) AppendEvents(_ context.Context, held jobs.Held, events []jobs.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	trail := s.trail(held)
	for _, event := range events {
		event.Data = slices.Clone(event.Data)
		at, found := slices.BinarySearchFunc(trail.events, event, func(a, b jobs.Event) int {
			switch {
			case a.Less(b.EventPosition):
				return -1
			case b.Less(a.EventPosition):
				return 1
			default:
				return 0
			}
		})
		if found {
			trail.events[at] = event
		} else {
			trail.events = slices.Insert(trail.events, at, event)
		}
	}
	return nil
}

// ListEvents implements jobs.Trail.
func (s *Store) ListEvents(_ context.Context, held jobs.Held, after jobs.EventPosition, limit int) ([]jobs.Event, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	trail := s.trails[keyOf(held)]
	if trail == nil {
		return nil, nil
	}
	from := sort.Search(len(trail.events), func(i int) bool { return after.Less(trail.events[i].EventPosition) })
	return slices.Clone(trail.events[from:min(from+limit, len(trail.events))]), nil
}
