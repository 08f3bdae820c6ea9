package jobs

import (
	"context"
	"fmt"
	"time"
)

// Drainer is [Drain] on a store.
type Drainer struct {
	Store SweeperStore
	Clock Clock
}

// Drain tells attempts of chosen owners to end by a time.
func (d Drainer) Drain(ctx context.Context, owned func(owner string) bool, by time.Time) (int, error) {
	return Drain(ctx, d.Store, d.Clock, owned, by)
}

// Drain tells the running attempts of chosen owners to give their jobs back by
// a time; each hears it in the answer to its next renewal. It returns how many
// were told. The capacity controller calls it for tasks of an old revision.
func Drain(ctx context.Context, store SweeperStore, clock Clock, owned func(owner string) bool, by time.Time) (int, error) {
	told := 0
	for shard := range Shards {
		for page := (Scan{Shard: shard, Limit: 100}); ; {
			found, err := store.FindRunning(ctx, page)
			if err != nil {
				return told, fmt.Errorf("looking for attempts to drain: %w", err)
			}
			for _, job := range found.Jobs {
				changed, err := drain(ctx, store, clock, job, owned, by)
				if err != nil {
					return told, err
				}
				if changed {
					told++
				}
			}
			if found.Next == "" {
				break
			}
			page.After = found.Next
		}
	}
	return told, nil
}

func drain(ctx context.Context, store Records, clock Clock, job Job, owned func(string) bool, by time.Time) (bool, error) {
	changed := false
	_, err := retryConflicts(ctx, store, RandomIDs{}, job, func(job Job) (Job, bool) {
		changed = job.State == Running && job.DrainBy.IsZero() && owned(job.Lease.Owner)
		job.DrainBy = by.UTC().Truncate(time.Millisecond)
		return job.touched(now(clock)), changed
	})
	if err != nil {
		return false, fmt.Errorf("draining job %s: %w", job.ID, err)
	}
	return changed, nil
}
