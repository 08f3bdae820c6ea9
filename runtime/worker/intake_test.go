package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

// backlog submits so many jobs of each priority, the low ones first.
func backlog(b *bench, each int) {
	for _, priority := range []jobs.Priority{jobs.Low, jobs.Normal, jobs.High} {
		for range each {
			b.submit(jobs.Submission{Priority: priority})
		}
	}
}

func served(b *bench, c *fake) map[jobs.Priority]int {
	counts := map[jobs.Priority]int{}
	for _, id := range c.seen() {
		counts[b.job(id).Priority]++
	}
	return counts
}

func TestPrioritiesTakeTurnsNineThreeOne(t *testing.T) {
	for _, slots := range []int{1, 4} {
		t.Run(fmt.Sprint(slots, " slots"), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				backlog(b, 300)
				c := takes(10 * time.Second)
				b.start(c, func(o *worker.Options) { o.Slots = slots })
				after(390 * 10 * time.Second / time.Duration(slots))
				counts := served(b, c)
				require.InDelta(t, 270, counts[jobs.High], 9, "%v", counts)
				require.InDelta(t, 90, counts[jobs.Normal], 9, "%v", counts)
				require.InDelta(t, 30, counts[jobs.Low], 6, "%v", counts)
			})
		})
	}
}

func TestLowPriorityHasTheWholeWorkerWhileNothingElseWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		for range 60 {
			b.submit(jobs.Submission{Priority: jobs.Low})
		}
		c := takes(10 * time.Second)
		b.start(c)
		after(200*time.Second + time.Second)
		require.Len(t, c.seen(), 21)
		b.submit(jobs.Submission{Priority: jobs.High})
		after(20 * time.Second)
		require.Equal(t, 1, served(b, c)[jobs.High], "a high one is next, whatever low has had")
	})
}

func TestALaneThatWasEmptyHasSavedUpNoTurns(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		for range 100 {
			b.submit(jobs.Submission{Priority: jobs.Low})
		}
		c := takes(10 * time.Second)
		b.start(c)
		after(601 * time.Second)
		require.Len(t, c.seen(), 61)
		for range 100 {
			b.submit(jobs.Submission{Priority: jobs.High})
		}
		after(400 * time.Second)
		require.InDelta(t, 36, served(b, c)[jobs.High], 3, "nine of ten, and not all forty")
	})
}

func TestAnIdleWorkerTakesAJobOfAnyPriorityAtOnce(t *testing.T) {
	for _, priority := range []jobs.Priority{jobs.High, jobs.Normal, jobs.Low} {
		inBubble(t, func(t *testing.T, b *bench) {
			c := echo()
			b.start(c)
			after(time.Hour + 7*time.Second)
			idle := b.queue.counted("receive")
			require.LessOrEqual(t, idle, 3*(3600/20+2), "long polls only")
			b.submit(jobs.Submission{Priority: priority})
			after(time.Second)
			require.Len(t, c.seen(), 1)
		})
	}
}

func TestABusyWorkerKeepsNoMessageFromOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		busy := takes(30 * time.Minute)
		b.start(busy)
		after(time.Second)
		// One of each priority at once: every long poll brings one, for one slot.
		backlog(b, 1)
		idle := takes(time.Minute)
		after(5 * time.Second)
		b.start(idle)
		after(3 * time.Minute)
		require.Len(t, busy.seen(), 1)
		require.Len(t, idle.seen(), 2)
	})
}

func TestShortJobsAreReceivedAndDeletedTenAtATime(t *testing.T) {
	const count = 2000
	inBubble(t, func(t *testing.T, b *bench) {
		for range count {
			b.submit(jobs.Submission{})
		}
		c := takes(20 * time.Millisecond)
		w := b.start(c, func(o *worker.Options) { o.Slots = 10 })
		after(10 * time.Second)
		require.Len(t, c.seen(), count)
		sends := b.queue.counted("send")
		require.Equal(t, count, sends)
		require.LessOrEqual(t, b.queue.counted("receive"), count/10+count/100, "a tenth of a receive each, and some")
		require.LessOrEqual(t, b.queue.counted("delete"), count/10+count/100)
		require.LessOrEqual(t, b.queue.counted("hide"), 5)
		require.LessOrEqual(t, w.cutOff.renewed(), 20)
	})
}

func TestALongJobAmongShortOnesHoldsNobodyUp(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var long guarded[bool]
		first := does(func(_ context.Context, _ container.Call) (string, error) {
			if long.get() {
				time.Sleep(20 * time.Minute)
			}
			time.Sleep(10 * time.Millisecond)
			return "done", nil
		})
		for range 100 {
			b.submit(jobs.Submission{})
		}
		b.start(first)
		after(500 * time.Millisecond)
		long.set(true)
		after(10 * time.Second)
		require.Less(t, len(first.seen()), 100)
		second := takes(10 * time.Millisecond)
		b.start(second)
		after(10 * time.Second)
		require.Equal(t, 100, len(first.seen())+len(second.seen()), "what waited for a slot was given back")
	})
}

func TestALaneThatCannotBeReadHoldsTheOthersUpForNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		for range 100 {
			b.submit(jobs.Submission{})
		}
		c := takes(100 * time.Millisecond)
		b.start(c, func(o *worker.Options) { o.Queue = &denied{b.queue, jobs.High} })
		after(12 * time.Second)
		require.Len(t, c.seen(), 100)
	})
}

// denied answers one priority with an error.
type denied struct {
	*countingQueue
	priority jobs.Priority
}

func (d *denied) Receive(ctx context.Context, lane jobs.Lane, max int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	if lane.Priority == d.priority {
		return nil, errCut
	}
	return d.countingQueue.Receive(ctx, lane, max, wait, visibility)
}

func TestMalformedMessagesAreLeftToTheDeadLetterQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		queue := &forged{countingQueue: b.queue, bodies: []string{"garbage", `{"id":"../x"}`, ""}}
		c := echo()
		b.start(c, func(o *worker.Options) { o.Queue = queue })
		after(time.Minute)
		require.Empty(t, c.seen())
		require.Zero(t, b.queue.counted("delete"))
		id := b.submitOne("x")
		after(time.Minute)
		require.Equal(t, jobs.Succeeded, b.job(id).State)
	})
}

// forged delivers messages that no program of ours sent, once.
type forged struct {
	*countingQueue
	bodies []string
}

func (f *forged) Receive(ctx context.Context, lane jobs.Lane, max int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	f.mutex.Lock()
	if lane.Priority == jobs.High && len(f.bodies) > 0 {
		body := f.bodies[0]
		f.bodies = f.bodies[1:]
		f.mutex.Unlock()
		return []jobs.Delivery{{Body: body, Receipt: body, Received: 1}}, nil
	}
	f.mutex.Unlock()
	return f.countingQueue.Receive(ctx, lane, max, wait, visibility)
}

func TestADoubledMessageStartsNoSecondRun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := takes(5 * time.Minute)
		b.start(c, func(o *worker.Options) { o.Slots = 3 })
		id := b.submitOne("x")
		require.NoError(t, b.queue.Send(t.Context(), b.job(id).Lane(), jobs.Message{ID: id}, 0))
		require.NoError(t, b.queue.Send(t.Context(), b.job(id).Lane(), jobs.Message{ID: id}, time.Minute))
		after(10 * time.Minute)
		require.Len(t, c.seen(), 1)
		require.Equal(t, jobs.Succeeded, b.job(id).State)
		depth, err := b.queue.Depth(t.Context(), b.job(id).Lane())
		require.NoError(t, err)
		require.True(t, depth.Empty())
	})
}

func TestOptionsThatAreMissingAreNamed(t *testing.T) {
	_, err := worker.New(worker.Options{Priorities: []jobs.Priority{"urgent"}})
	for _, name := range []string{"Name", "Runner", "Queue", "Blobs", "Container", "Timeout", "urgent"} {
		require.ErrorContains(t, err, name)
	}
}
