package jobstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/jobs"
)

var recordTests = []storeTest{
	{"a created job is read back as it was", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		rapid.Check(t, func(r *rapid.T) {
			job := Job(now).Draw(r, "job")
			require.NoError(r, store.Create(t.Context(), job))
			got, err := store.Get(t.Context(), job.ID)
			require.NoError(r, err)
			require.Equal(r, job, plain(got))
		})
	}},
	{"a job that nobody created is not found", func(t *testing.T, store jobs.Store) {
		_, err := store.Get(t.Context(), newID())
		require.ErrorIs(t, err, jobs.ErrNotFound)
		require.ErrorIs(t, store.Replace(t.Context(), queuedJob(NewClock().Now())), jobs.ErrNotFound)
	}},
	{"creating a job again reports the one that is there", func(t *testing.T, store jobs.Store) {
		for label, change := range map[string]func(*jobs.Job){
			"small":               func(*jobs.Job) {},
			"with a large caller": func(job *jobs.Job) { job.Metadata = map[string]string{"note": word500} },
		} {
			t.Run(label, func(t *testing.T) {
				first := queuedJob(NewClock().Now())
				change(&first)
				create(t, store, first)
				second := first
				second.Worker = name("other")
				requireConflict(t, store.Create(t.Context(), second), jobs.ErrExists, first)
				require.Equal(t, first, stored(t, store, first.ID))
			})
		}
	}},
	{"a creation that is sent twice succeeds twice", func(t *testing.T, store jobs.Store) {
		job := queuedJob(NewClock().Now())
		job.WriteToken = "mine"
		create(t, store, job)
		create(t, store, job)
		job.WriteToken = "another"
		require.ErrorIs(t, store.Create(t.Context(), job), jobs.ErrExists)
	}},
	{"a job past its time makes room for a new one of its id", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now().Truncate(time.Second)
		old := queuedJob(now)
		old.State, old.Finished, old.ExpiresAt = jobs.Failed, now, now.Add(time.Hour)
		create(t, store, old)
		next := queuedJob(now.Add(time.Hour - time.Second))
		next.ID = old.ID
		requireConflict(t, store.Create(t.Context(), next), jobs.ErrExists, old)
		next.Created = now.Add(time.Hour)
		require.NoError(t, store.Create(t.Context(), next))
		require.Equal(t, next, stored(t, store, next.ID))
	}},
	{"replacing writes upon the revision it was read at, and no other", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		rapid.Check(t, func(r *rapid.T) {
			before, after := Job(now).Draw(r, "before"), Job(now).Draw(r, "after")
			require.NoError(r, store.Create(t.Context(), before))
			// What a caller said never changes.
			after.ID, after.Tenant, after.Created = before.ID, before.Tenant, before.Created
			after.Webhook.URL, after.Metadata = before.Webhook.URL, before.Metadata
			if after.Webhook.URL == "" {
				after.Webhook = jobs.Webhook{}
			}
			after.Input, after.Result = before.Input, before.Result
			after.Revision, after.WriteToken = before.Revision+1, "fresh"
			require.NoError(r, store.Replace(t.Context(), after))
			got, err := store.Get(t.Context(), before.ID)
			require.NoError(r, err)
			require.Equal(r, after, plain(got))

			again := after
			again.WriteToken = "another"
			requireConflict(r, store.Replace(t.Context(), again), jobs.ErrConflict, after)
		})
	}},
	{"a replacement that is sent twice is written once and succeeds twice", func(t *testing.T, store jobs.Store) {
		job := create(t, store, queuedJob(NewClock().Now()))
		job.Revision++
		job.WriteToken = "mine"
		require.NoError(t, store.Replace(t.Context(), job))
		require.NoError(t, store.Replace(t.Context(), job))
		require.Equal(t, job, stored(t, store, job.ID))
	}},
}

var word500 = string(make500())

func make500() []byte {
	word := make([]byte, 500)
	for i := range word {
		word[i] = 'a' + byte(i%26)
	}
	return word
}
