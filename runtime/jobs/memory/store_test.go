package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

func queued(now time.Time, tenant string) jobs.Job {
	return jobs.Job{ID: uuid.Must(uuid.NewV7()).String(), Tenant: tenant, Worker: "w", Priority: jobs.Normal,
		State: jobs.Queued, Revision: 1, Created: now, Updated: now, QueuedAt: now}
}

func TestWhatACallerDoesWithAJobDoesNotChangeTheStore(t *testing.T) {
	store, now := memory.NewStore(), time.Now()
	job := queued(now, "acme")
	job.Metadata, job.Input = map[string]string{"a": "b"}, jobs.Bytes("text/plain", []byte("42"))
	require.NoError(t, store.Create(t.Context(), job))
	job.Metadata["a"], job.Input.Inline[0] = "c", 'x'
	got, err := store.Get(t.Context(), job.ID)
	require.NoError(t, err)
	got.Metadata["a"], got.Input.Inline[0] = "d", 'y'
	got, err = store.Get(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "b"}, got.Metadata)
	require.Equal(t, "42", string(got.Input.Inline))
}

func TestFinishedJobsLeaveAsNewOnesCome(t *testing.T) {
	store, now := memory.NewStore(), time.Now()
	for n := range 10_000 {
		at := now.Add(time.Duration(n) * time.Second)
		job := queued(at, fmt.Sprintf("tenant-%d", n%3))
		require.NoError(t, store.Create(t.Context(), job))
		job.Revision++
		job.State, job.Finished, job.ExpiresAt = jobs.Failed, at, at.Add(time.Minute)
		require.NoError(t, store.Replace(t.Context(), job))
	}
	kept := 0
	for tenant := range 3 {
		page, next, err := store.List(t.Context(), fmt.Sprintf("tenant-%d", tenant), nil, 1000)
		require.NoError(t, err)
		require.Nil(t, next)
		kept += len(page)
	}
	require.Equal(t, 60, kept)
}

func TestAScanThatGoesOnFromNowhereIsAnError(t *testing.T) {
	store := memory.NewStore()
	job := queued(time.Now(), "acme")
	require.NoError(t, store.Create(t.Context(), job))
	_, err := store.FindQueued(t.Context(), job.Lane(), jobs.Scan{Shard: jobs.ShardOf(job.ID), After: "x", Limit: 1})
	require.ErrorContains(t, err, "going on")
}
