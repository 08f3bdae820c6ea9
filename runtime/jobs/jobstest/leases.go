package jobstest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/jobs"
)

var leaseTests = []storeTest{
	{"claim does what the rules say, to any job", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		rapid.Check(t, func(r *rapid.T) {
			job := Job(now).Draw(r, "job")
			claim := claimFor(job, now)
			claim.MaxInterruptions = rapid.IntRange(0, 10_000).Draw(r, "most interruptions")
			require.NoError(r, store.Create(t.Context(), job))
			got, err := store.Claim(t.Context(), claim)
			if !job.Claimable(claim) {
				requireConflict(r, err, jobs.ErrConflict, job)
				return
			}
			require.NoError(r, err)
			require.Equal(r, plain(job.Claimed(claim)), plain(got))
			require.Equal(r, plain(got), stored(t, store, job.ID))
		})
	}},
	{"renew does what the rules say, to any job", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		rapid.Check(t, func(r *rapid.T) {
			job := Job(now).Draw(r, "job")
			renewal := jobs.Renewal{Held: job.Held(), Now: now.Add(time.Second), Until: now.Add(time.Minute)}
			renewal.Fence += int64(rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(r, "fence"))
			if rapid.Bool().Draw(r, "tells progress") {
				progress := Progress(r)
				renewal.Progress = &progress
			}
			require.NoError(r, store.Create(t.Context(), job))
			got, err := store.Renew(t.Context(), renewal)
			if !job.Holds(renewal.Held) {
				requireConflict(r, err, jobs.ErrConflict, job)
				return
			}
			require.NoError(r, err)
			require.Equal(r, plain(job.Renewed(renewal)), plain(got))
			require.Equal(r, plain(got), stored(t, store, job.ID))
		})
	}},
	{"commit does what the rules say, to any job", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		rapid.Check(t, func(r *rapid.T) {
			job := Job(now).Draw(r, "job")
			job.Result = jobs.Payload{}
			commit := jobs.Commit{Held: job.Held(), Token: name("c"), Now: now.Add(time.Second),
				Result: payload(r, "committed", job), ExpiresAt: now.Add(time.Hour).Truncate(time.Second)}
			commit.Fence += int64(rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(r, "fence"))
			require.NoError(r, store.Create(t.Context(), job))
			got, err := store.Commit(t.Context(), commit)
			if !job.Holds(commit.Held) {
				requireConflict(r, err, jobs.ErrConflict, job)
				return
			}
			require.NoError(r, err)
			require.Equal(r, plain(job.Committed(commit)), plain(got))
			require.Equal(r, plain(got), stored(t, store, job.ID))
		})
	}},
	{"claim, renew and commit of a job that nobody created find nothing", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := queuedJob(now)
		_, err := store.Claim(t.Context(), claimFor(job, now))
		require.ErrorIs(t, err, jobs.ErrNotFound)
		_, err = store.Renew(t.Context(), jobs.Renewal{Held: job.Held(), Now: now, Until: now})
		require.ErrorIs(t, err, jobs.ErrNotFound)
		_, err = store.Commit(t.Context(), jobs.Commit{Held: job.Held(), Now: now, ExpiresAt: now})
		require.ErrorIs(t, err, jobs.ErrNotFound)
	}},
	{"a claim that is sent twice succeeds twice and counts once", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := create(t, store, queuedJob(now))
		claim := claimFor(job, now)
		first, err := store.Claim(t.Context(), claim)
		require.NoError(t, err)
		second, err := store.Claim(t.Context(), claim)
		require.NoError(t, err)
		require.Equal(t, plain(first), plain(second))
		require.Equal(t, int64(1), second.Fence)
	}},
	{"a commit that is sent twice succeeds twice, another one is refused", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		for label, url := range map[string]string{"without webhook": "", "with webhook": "https://example.com/hook"} {
			t.Run(label, func(t *testing.T) {
				job := runningJob(now)
				job.Webhook.URL = url
				create(t, store, job)
				commit := jobs.Commit{Held: job.Held(), Token: "once", Now: now, Result: jobs.Bytes("text/plain", []byte("42")), ExpiresAt: now.Truncate(time.Second)}
				first, err := store.Commit(t.Context(), commit)
				require.NoError(t, err)
				second, err := store.Commit(t.Context(), commit)
				require.NoError(t, err)
				require.Equal(t, plain(first), plain(second))
				commit.Token, commit.Result = "twice", jobs.Bytes("text/plain", []byte("43"))
				_, err = store.Commit(t.Context(), commit)
				requireConflict(t, err, jobs.ErrConflict, first)
			})
		}
	}},
	{"an attempt at an earlier job of the same id has no say", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := create(t, store, runningJob(now))
		held := job.Held()
		held.Created = held.Created.Add(-time.Hour)
		_, err := store.Renew(t.Context(), jobs.Renewal{Held: held, Now: now, Until: now})
		requireConflict(t, err, jobs.ErrConflict, job)
		_, err = store.Commit(t.Context(), jobs.Commit{Held: held, Now: now, ExpiresAt: now})
		requireConflict(t, err, jobs.ErrConflict, job)
	}},
	{"of many claims at once one goes through", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := create(t, store, queuedJob(now))
		won := make(chan jobs.Job, 16)
		var claims sync.WaitGroup
		for range cap(won) {
			claims.Go(func() {
				if claimed, err := store.Claim(t.Context(), claimFor(job, now)); err == nil {
					won <- claimed
				}
			})
		}
		claims.Wait()
		close(won)
		require.Len(t, won, 1)
		require.Equal(t, plain(<-won), stored(t, store, job.ID))
	}},
}
