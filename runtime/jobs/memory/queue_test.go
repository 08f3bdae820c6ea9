package memory_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

// A receiver is woken by what happens, not by its next look at the clock.
func TestAWaitingReceiverIsWokenAtOnce(t *testing.T) {
	for name, happen := range map[string]func(t *testing.T, queue *memory.Queue, receipt string){
		"by a message that is sent": func(t *testing.T, queue *memory.Queue, _ string) {
			require.NoError(t, queue.Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "x"}, 0))
		},
		"by one that is made visible": func(t *testing.T, queue *memory.Queue, receipt string) {
			require.NoError(t, queue.ChangeVisibility(t.Context(), jobstest.QueueLane, []jobs.VisibilityChange{{Receipt: receipt}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				queue := memory.NewQueue()
				require.NoError(t, queue.Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "y"}, 0))
				first, err := queue.Receive(t.Context(), jobstest.QueueLane, 1, 0, time.Hour)
				require.NoError(t, err)
				start, waited := time.Now(), time.Duration(-1)
				go func() {
					deliveries, err := queue.Receive(t.Context(), jobstest.QueueLane, 1, 20*time.Second, time.Hour)
					if err == nil && len(deliveries) == 1 {
						waited = time.Since(start)
					}
				}()
				synctest.Wait()
				time.Sleep(time.Second)
				happen(t, queue, first[0].Receipt)
				synctest.Wait()
				require.Equal(t, time.Second, waited)
			})
		})
	}
}

func TestAHiddenMessageIsReceivedAsSoonAsItComesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue, start := memory.NewQueue(), time.Now()
		require.NoError(t, queue.Send(t.Context(), jobstest.QueueLane, jobs.Message{ID: "x"}, 7*time.Second))
		deliveries, err := queue.Receive(t.Context(), jobstest.QueueLane, 1, 20*time.Second, time.Hour)
		require.NoError(t, err)
		require.Len(t, deliveries, 1)
		require.Equal(t, 7*time.Second, time.Since(start))
	})
}

func TestAReceiverWhoseContextEndsStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := memory.NewQueue().Receive(ctx, jobstest.QueueLane, 1, 20*time.Second, time.Hour)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
