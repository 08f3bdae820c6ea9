package jobstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// RunQueue proves a queue. Around runs one test with a queue that knows
// [QueueLane], which is empty; it may be within a synctest bubble.
func RunQueue(t *testing.T, around func(t *testing.T, test func(t *testing.T, queue jobs.Queue))) {
	for _, test := range queueTests {
		t.Run(test.name, func(t *testing.T) { around(t, test.run) })
	}
}

// QueueLane is the lane that the tests of a queue use.
var QueueLane = jobs.Lane{Worker: "queue-test", Priority: jobs.Normal}

var queueTests = []struct {
	name string
	run  func(t *testing.T, queue jobs.Queue)
}{
	{"a message that was sent is received and stays away once deleted", func(t *testing.T, queue jobs.Queue) {
		sent := jobs.Message{ID: newID(), Tenant: "acme"}
		require.NoError(t, queue.Send(t.Context(), QueueLane, sent, 0))
		got := receive(t, queue, 1, 2*time.Second)
		message, err := jobs.ParseMessage(got[0].Body)
		require.NoError(t, err)
		require.Equal(t, jobs.Message{ID: sent.ID}, message)
		require.Equal(t, 1, got[0].Received)
		require.NoError(t, queue.Delete(t.Context(), QueueLane, []string{got[0].Receipt}))
		require.Empty(t, poll(t, queue, 3*time.Second))
	}},
	{"a watch message is known as one", func(t *testing.T, queue jobs.Queue) {
		sent := jobs.Message{ID: newID(), Watch: true}
		require.NoError(t, queue.Send(t.Context(), QueueLane, sent, 0))
		message, err := jobs.ParseMessage(receive(t, queue, 1, time.Minute)[0].Body)
		require.NoError(t, err)
		require.Equal(t, sent, message)
	}},
	{"a message that is not deleted comes back, and counts its deliveries", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		first := receive(t, queue, 1, 2*time.Second)
		second := receive(t, queue, 1, time.Minute)
		require.Equal(t, first[0].Body, second[0].Body)
		require.Equal(t, 2, second[0].Received)
	}},
	{"a message stays hidden as long as its time is prolonged", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		got := receive(t, queue, 1, time.Second)
		hide(t, queue, got[0].Receipt, time.Minute)
		require.Empty(t, poll(t, queue, 2*time.Second))
	}},
	{"a message can be made visible at once", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		got := receive(t, queue, 1, time.Hour)
		hide(t, queue, got[0].Receipt, 0)
		require.Len(t, poll(t, queue, 2*time.Second), 1)
	}},
	{"a delayed message comes after its delay", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 2*time.Second))
		require.Empty(t, poll(t, queue, 0))
		require.Len(t, poll(t, queue, 5*time.Second), 1)
	}},
	{"a receiver that waits gets what comes in meanwhile", func(t *testing.T, queue jobs.Queue) {
		got := make(chan []jobs.Delivery)
		go func() {
			deliveries, _ := queue.Receive(t.Context(), QueueLane, 10, 10*time.Second, time.Minute)
			got <- deliveries
		}()
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		require.Len(t, <-got, 1)
	}},
	{"more than ten messages are changed and deleted in one call", func(t *testing.T, queue jobs.Queue) {
		for range 23 {
			require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		}
		got := receive(t, queue, 23, time.Minute)
		var changes []jobs.VisibilityChange
		var receipts []string
		for _, delivery := range got {
			changes = append(changes, jobs.VisibilityChange{Receipt: delivery.Receipt})
			receipts = append(receipts, delivery.Receipt)
		}
		require.NoError(t, queue.ChangeVisibility(t.Context(), QueueLane, changes))
		depth, err := queue.Depth(t.Context(), QueueLane)
		require.NoError(t, err)
		require.Equal(t, jobs.Depth{Visible: 23}, depth)
		require.NoError(t, queue.Delete(t.Context(), QueueLane, receipts))
		requireEmpty(t, queue)
	}},
	{"receipts that are no longer valid are no error", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		old := receive(t, queue, 1, time.Minute)[0].Receipt
		require.NoError(t, queue.Delete(t.Context(), QueueLane, []string{old}))
		require.NoError(t, queue.Delete(t.Context(), QueueLane, []string{old}))
		require.NoError(t, queue.ChangeVisibility(t.Context(), QueueLane, []jobs.VisibilityChange{{Receipt: old, For: time.Minute}}))
	}},
	{"a message that has come up again is deleted by its last receipt", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		got := receive(t, queue, 1, time.Minute)
		hide(t, queue, got[0].Receipt, 0)
		require.NoError(t, queue.Delete(t.Context(), QueueLane, []string{got[0].Receipt}))
		requireEmpty(t, queue)
		require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, 0))
		got = receive(t, queue, 1, time.Minute)
		require.NoError(t, queue.Delete(t.Context(), QueueLane, []string{got[0].Receipt}))
		requireEmpty(t, queue)
	}},
	{"nothing to change or delete is no error", func(t *testing.T, queue jobs.Queue) {
		require.NoError(t, queue.ChangeVisibility(t.Context(), QueueLane, nil))
		require.NoError(t, queue.Delete(t.Context(), QueueLane, nil))
	}},
	{"depth tells visible, received and delayed messages apart", func(t *testing.T, queue jobs.Queue) {
		for _, delay := range []time.Duration{0, 0, 0, time.Minute} {
			require.NoError(t, queue.Send(t.Context(), QueueLane, jobs.Message{ID: newID()}, delay))
		}
		receive(t, queue, 1, time.Minute)
		depth, err := queue.Depth(t.Context(), QueueLane)
		require.NoError(t, err)
		require.Equal(t, jobs.Depth{Visible: 2, InFlight: 1, Delayed: 1}, depth)
		require.False(t, depth.Empty())
	}},
	{"a lane without a queue is an error that says so", func(t *testing.T, queue jobs.Queue) {
		lane := jobs.Lane{Worker: "nobody", Priority: jobs.High}
		require.ErrorIs(t, queue.Send(t.Context(), lane, jobs.Message{ID: newID()}, 0), jobs.ErrNoQueue)
		_, err := queue.Receive(t.Context(), lane, 1, 0, time.Second)
		require.ErrorIs(t, err, jobs.ErrNoQueue)
		_, err = queue.Depth(t.Context(), lane)
		require.ErrorIs(t, err, jobs.ErrNoQueue)
		require.ErrorIs(t, queue.Delete(t.Context(), lane, []string{"x"}), jobs.ErrNoQueue)
		require.ErrorIs(t, queue.ChangeVisibility(t.Context(), lane, []jobs.VisibilityChange{{Receipt: "x"}}), jobs.ErrNoQueue)
	}},
}

// receive takes count messages, which must be there.
func receive(t *testing.T, queue jobs.Queue, count int, visibility time.Duration) []jobs.Delivery {
	t.Helper()
	var got []jobs.Delivery
	for len(got) < count {
		deliveries, err := queue.Receive(t.Context(), QueueLane, min(10, count-len(got)), 5*time.Second, visibility)
		require.NoError(t, err)
		require.NotEmpty(t, deliveries, "%d of %d messages came", len(got), count)
		got = append(got, deliveries...)
	}
	return got
}

// poll takes what comes within a time.
func poll(t *testing.T, queue jobs.Queue, wait time.Duration) []jobs.Delivery {
	t.Helper()
	deliveries, err := queue.Receive(t.Context(), QueueLane, 10, wait, time.Minute)
	require.NoError(t, err)
	return deliveries
}

func hide(t *testing.T, queue jobs.Queue, receipt string, span time.Duration) {
	t.Helper()
	require.NoError(t, queue.ChangeVisibility(t.Context(), QueueLane, []jobs.VisibilityChange{{Receipt: receipt, For: span}}))
}

func requireEmpty(t *testing.T, queue jobs.Queue) {
	t.Helper()
	depth, err := queue.Depth(t.Context(), QueueLane)
	require.NoError(t, err)
	require.True(t, depth.Empty(), "%+v", depth)
}
