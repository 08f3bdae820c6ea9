package dynamostore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/test/dynamolocal"
)

func TestAJobThatIsOverIsRemovedWithItsTrail(t *testing.T) {
	client := client(dynamolocal.Start(t), nil)
	store := dynamostore.New(dynamostore.Options{Client: client, Table: newTable(t, client)})
	now := time.Now().UTC().Truncate(time.Millisecond)
	job := jobs.Job{ID: uuid.NewString(), Tenant: "acme", Worker: "w", Priority: jobs.Normal, State: jobs.Queued,
		Revision: 1, Created: now, Updated: now, QueuedAt: now, Metadata: map[string]string{"note": string(make([]byte, 600))}}
	require.NoError(t, store.Create(t.Context(), job))
	job, err := store.Claim(t.Context(), jobs.Claim{ID: job.ID, Owner: "task", Token: "claim", Now: now, Until: now.Add(time.Minute)})
	require.NoError(t, err)
	held := job.Held()
	_, _, err = store.PutStep(t.Context(), held, jobs.Step{Key: "a", Result: jobs.Bytes("text/plain", []byte("x")), Stored: now, ExpiresAt: now.Add(time.Hour)})
	require.NoError(t, err)
	for i := range 120 {
		require.NoError(t, store.AppendEvents(t.Context(), held, []jobs.Event{{
			EventPosition: jobs.EventPosition{Fence: 1, Sequence: int64(i)}, Data: fmt.Append(nil, i), At: now, ExpiresAt: now.Add(time.Hour),
		}}))
	}
	require.ErrorIs(t, store.Remove(t.Context(), job.ID), jobs.ErrConflict)

	_, err = store.Commit(t.Context(), jobs.Commit{Held: held, Token: "commit", Now: now, Result: jobs.Bytes("text/plain", nil), ExpiresAt: now.Add(time.Hour)})
	require.NoError(t, err)
	require.NoError(t, store.Remove(t.Context(), job.ID))
	_, err = store.Get(t.Context(), job.ID)
	require.ErrorIs(t, err, jobs.ErrNotFound)
	_, found, err := store.GetStep(t.Context(), held, "a")
	require.NoError(t, err)
	require.False(t, found)
	events, err := store.ListEvents(t.Context(), held, jobs.EventPosition{}, 10)
	require.NoError(t, err)
	require.Empty(t, events)
	require.NoError(t, store.Remove(t.Context(), job.ID), "twice is no error")
}
