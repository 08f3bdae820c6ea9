package jobstest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var listTests = []storeTest{
	{"a tenant's jobs come newest first, whatever their state", func(t *testing.T, store jobs.Store) {
		now, tenant := NewClock().Now(), name("tenant")
		var want []string
		for i, state := range []jobs.State{jobs.Queued, jobs.Running, jobs.Succeeded, jobs.Failed, jobs.Cancelled, jobs.Expired} {
			job := queuedJob(now.Add(time.Duration(i) * time.Millisecond))
			job.Tenant, job.State = tenant, state
			want = append(want, create(t, store, job).ID)
		}
		slices.Reverse(want)
		got, next, err := store.List(t.Context(), tenant, nil, 10)
		require.NoError(t, err)
		require.Nil(t, next)
		require.Equal(t, want, ids(got))
	}},
	{"listed jobs are whole", func(t *testing.T, store jobs.Store) {
		now := NewClock().Now()
		job := queuedJob(now)
		job.Metadata, job.Webhook.URL = map[string]string{"note": word500}, "https://example.com/hook"
		create(t, store, job)
		got, _, err := store.List(t.Context(), job.Tenant, nil, 10)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, job, plain(got[0]))
	}},
	{"no tenant sees another's jobs", func(t *testing.T, store jobs.Store) {
		mine := create(t, store, queuedJob(NewClock().Now()))
		theirs := create(t, store, queuedJob(NewClock().Now()))
		got, _, err := store.List(t.Context(), mine.Tenant, nil, 10)
		require.NoError(t, err)
		require.Equal(t, []string{mine.ID}, ids(got))
		// Not even from a position in the other's list.
		got, _, err = store.List(t.Context(), mine.Tenant, &jobs.Position{Created: theirs.Created.Add(time.Hour), ID: theirs.ID}, 10)
		require.NoError(t, err)
		require.NotContains(t, ids(got), theirs.ID)
	}},
	{"pages meet without gap or overlap, also within one millisecond", func(t *testing.T, store jobs.Store) {
		now, tenant := NewClock().Now(), name("tenant")
		var want []string
		for i := range 23 {
			job := queuedJob(now.Add(time.Duration(i/7) * time.Millisecond))
			job.Tenant = tenant
			want = append(want, create(t, store, job).ID)
		}
		var got []string
		var after *jobs.Position
		for pages := 0; ; pages++ {
			require.Less(t, pages, 10)
			page, next, err := store.List(t.Context(), tenant, after, 5)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), 5)
			got = append(got, ids(page)...)
			if next == nil {
				break
			}
			after = next
		}
		require.ElementsMatch(t, want, got)
	}},
	{"a position without an id begins before its time", func(t *testing.T, store jobs.Store) {
		now, tenant := NewClock().Now(), name("tenant")
		var made []jobs.Job
		for i := range 3 {
			job := queuedJob(now.Add(time.Duration(i) * time.Second))
			job.Tenant = tenant
			made = append(made, create(t, store, job))
		}
		got, _, err := store.List(t.Context(), tenant, &jobs.Position{Created: made[1].Created}, 10)
		require.NoError(t, err)
		require.Equal(t, []string{made[0].ID}, ids(got))
	}},
	{"a tenant without jobs has an empty list", func(t *testing.T, store jobs.Store) {
		got, next, err := store.List(t.Context(), name("tenant"), nil, 10)
		require.NoError(t, err)
		require.Nil(t, next)
		require.Empty(t, got)
	}},
}
