package memory_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

func TestAJobGoesFromSubmitToItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		store, queue, blobs := memory.NewStore(), memory.NewQueue(), memory.NewBlobs("http://blobs.test")
		service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: blobs})
		runner := jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue})

		submitted, created, err := service.Submit(ctx, jobs.Submission{Tenant: "acme", Worker: "analyse", Input: []byte(`{"n":1}`)})
		require.NoError(t, err)
		require.True(t, created)

		deliveries, err := queue.Receive(ctx, submitted.Lane(), 10, time.Second, jobs.LeaseFor)
		require.NoError(t, err)
		require.Len(t, deliveries, 1)
		message, err := jobs.ParseMessage(deliveries[0].Body)
		require.NoError(t, err)

		job, err := runner.Claim(ctx, message.ID, "task-1/7")
		require.NoError(t, err)
		require.Equal(t, `{"n":1}`, string(job.Input.Inline))
		_, err = runner.Claim(ctx, message.ID, "task-2/7")
		require.ErrorIs(t, err, jobs.ErrLeaseHeld)

		_, err = runner.Succeed(ctx, job.Held(), jobs.Bytes("application/json", []byte(`{"n":2}`)))
		require.NoError(t, err)
		require.NoError(t, queue.Delete(ctx, job.Lane(), []string{deliveries[0].Receipt}))

		done, err := service.Get(ctx, "acme", job.ID)
		require.NoError(t, err)
		require.Equal(t, jobs.Succeeded, done.State)
		require.Equal(t, `{"n":2}`, string(done.Result.Inline))
		_, err = service.Get(ctx, "other", job.ID)
		require.ErrorIs(t, err, jobs.ErrNotFound)
		_, err = runner.Claim(ctx, message.ID, "task-2/7")
		require.ErrorIs(t, err, jobs.ErrFinished)
	})
}
