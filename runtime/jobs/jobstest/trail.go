package jobstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var trailTests = []storeTest{
	{"a step is stored once and never overwritten", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		first, stored, err := store.PutStep(t.Context(), held, step(held, "plan", "a", now))
		require.NoError(t, err)
		require.True(t, stored)
		second, stored, err := store.PutStep(t.Context(), held, step(held, "plan", "b", now.Add(time.Second)))
		require.NoError(t, err)
		require.False(t, stored)
		require.Equal(t, first, second)
		got, found, err := store.GetStep(t.Context(), held, "plan")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, step(held, "plan", "a", now), got)
	}},
	{"a step that nobody stored is not found", func(t *testing.T, store jobs.Store) {
		_, found, err := store.GetStep(t.Context(), runningJob(NewClock().Now()).Held(), "plan")
		require.NoError(t, err)
		require.False(t, found)
	}},
	{"an attempt without a say stores neither steps nor checkpoints", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		running := create(t, store, runningJob(now))
		stale, unborn, earlier := running.Held(), running.Held(), running.Held()
		stale.Fence--
		unborn.Fence++
		earlier.Created = earlier.Created.Add(-time.Hour)
		for label, held := range map[string]jobs.Held{
			"an older fence": stale, "a newer fence": unborn, "an earlier job of the same id": earlier,
			"a queued job": create(t, store, queuedJob(now)).Held(), "no job": runningJob(now).Held(),
		} {
			t.Run(label, func(t *testing.T) {
				_, stored, err := store.PutStep(t.Context(), held, step(held, "plan", "a", now))
				require.ErrorIs(t, err, jobs.ErrLeaseLost)
				require.False(t, stored)
				require.ErrorIs(t, store.PutCheckpoint(t.Context(), held, checkpoint(held, "k", now)), jobs.ErrLeaseLost)
				_, found, err := store.GetStep(t.Context(), held, "plan")
				require.NoError(t, err)
				require.False(t, found)
				_, found, err = store.GetCheckpoint(t.Context(), held)
				require.NoError(t, err)
				require.False(t, found)
			})
		}
	}},
	{"steps are listed in the order of their keys, page by page", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		keys := []string{"#", "$", "a", "a b", "a/b", "a0", "b", "step#x", "z", "é"}
		for i := range keys {
			key := keys[len(keys)-1-i]
			_, _, err := store.PutStep(t.Context(), held, step(held, key, "result of "+key, now))
			require.NoError(t, err)
		}
		require.NoError(t, store.PutCheckpoint(t.Context(), held, checkpoint(held, "k", now)))
		require.NoError(t, store.AppendEvents(t.Context(), held, []jobs.Event{event(held, 1, "x", now)}))
		var got []string
		for after := ""; ; {
			page, err := store.ListSteps(t.Context(), held, after, 3)
			require.NoError(t, err)
			for _, step := range page {
				require.Equal(t, "result of "+step.Key, string(step.Result.Inline))
				got = append(got, step.Key)
			}
			if len(page) < 3 {
				break
			}
			after = page[2].Key
		}
		require.Equal(t, keys, got)
	}},
	{"of many attempts at one step at once one is stored and all get it", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		results, won := make(chan string, 8), make(chan bool, 8)
		var puts sync.WaitGroup
		for i := range cap(results) {
			puts.Go(func() {
				got, stored, err := store.PutStep(t.Context(), held, step(held, "plan", fmt.Sprint(i), now))
				if err == nil {
					results <- string(got.Result.Inline)
				}
				if stored {
					won <- true
				}
			})
		}
		puts.Wait()
		close(results)
		require.Len(t, won, 1)
		require.Len(t, results, cap(results))
		first := <-results
		for other := range results {
			require.Equal(t, first, other)
		}
	}},
	{"the last checkpoint counts", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		require.NoError(t, store.PutCheckpoint(t.Context(), held, checkpoint(held, "one", now)))
		require.NoError(t, store.PutCheckpoint(t.Context(), held, checkpoint(held, "two", now)))
		got, found, err := store.GetCheckpoint(t.Context(), held)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, checkpoint(held, "two", now), got)
	}},
	{"a later attempt finds what an earlier one left, a new job of the same id does not", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		_, _, err := store.PutStep(t.Context(), held, step(held, "plan", "a", now))
		require.NoError(t, err)
		require.NoError(t, store.AppendEvents(t.Context(), held, []jobs.Event{event(held, 1, "x", now)}))
		later := held
		later.Fence++
		_, found, err := store.GetStep(t.Context(), later, "plan")
		require.NoError(t, err)
		require.True(t, found)
		reborn := held
		reborn.Created = reborn.Created.Add(time.Hour)
		_, found, err = store.GetStep(t.Context(), reborn, "plan")
		require.NoError(t, err)
		require.False(t, found)
		events, err := store.ListEvents(t.Context(), reborn, jobs.EventPosition{}, 10)
		require.NoError(t, err)
		require.Empty(t, events)
	}},
	{"events come in order, after a position", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		held := create(t, store, runningJob(now)).Held()
		next := held
		next.Fence++
		var want []jobs.Event
		for i := range 60 {
			want = append(want, event(held, int64(i+1), fmt.Sprint(i), now))
		}
		want = append(want, event(next, 1, "again", now))
		require.NoError(t, store.AppendEvents(t.Context(), next, want[60:]))
		require.NoError(t, store.AppendEvents(t.Context(), held, want[:60]))
		require.NoError(t, store.AppendEvents(t.Context(), held, want[5:6]))
		got, err := store.ListEvents(t.Context(), held, jobs.EventPosition{}, 100)
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = store.ListEvents(t.Context(), held, want[57].EventPosition, 2)
		require.NoError(t, err)
		require.Equal(t, want[58:60], got)
		got, err = store.ListEvents(t.Context(), held, want[60].EventPosition, 2)
		require.NoError(t, err)
		require.Empty(t, got)
	}},
}

func step(held jobs.Held, key, result string, now time.Time) jobs.Step {
	return jobs.Step{Key: key, Result: jobs.Bytes("text/plain", []byte(result)), Fence: held.Fence,
		Stored: now, ExpiresAt: now.Add(time.Hour).Truncate(time.Second)}
}

func checkpoint(held jobs.Held, key string, now time.Time) jobs.Checkpoint {
	return jobs.Checkpoint{Data: jobs.Blob("application/x-tar", key, 7), Fence: held.Fence,
		Saved: now, ExpiresAt: now.Add(time.Hour).Truncate(time.Second)}
}

func event(held jobs.Held, sequence int64, data string, now time.Time) jobs.Event {
	return jobs.Event{EventPosition: jobs.EventPosition{Fence: held.Fence, Sequence: sequence}, Data: []byte(data),
		At: now, ExpiresAt: now.Add(time.Hour).Truncate(time.Second)}
}
