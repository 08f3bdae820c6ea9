package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

// Workers whose clocks are minutes apart, who stall in the middle of a job
// longer than their lease and then go on as if nothing had happened: every job
// is committed by exactly one attempt, and its result is that attempt's.
func TestTwoWorkersThatBelieveTheyHoldTheLeaseCannotBothCommit(t *testing.T) {
	for name, skews := range map[string][]time.Duration{
		"clocks that agree":         {0, 0, 0},
		"clocks that are far apart": {0, 5 * time.Minute, -5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runSplit(t, skews) })
		})
	}
}

func runSplit(t *testing.T, skews []time.Duration) {
	const count = 200
	store, queue := memory.NewStore(), memory.NewQueue()
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs("")})
	lane := jobs.Lane{Worker: "w", Priority: jobs.Normal}
	sweeper := jobs.NewSweeper(jobs.SweeperOptions{Store: store, Queue: queue, Lanes: []jobs.Lane{lane}})
	var ids []string
	for range count {
		job, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "w"})
		require.NoError(t, err)
		ids = append(ids, job.ID)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var commits commitLog
	var workers sync.WaitGroup
	for number, skew := range skews {
		for slot := range 4 {
			worker := &stallingWorker{
				name: fmt.Sprintf("task-%d/%d", number, slot), queue: queue, lane: lane, commits: &commits,
				random: rand.New(rand.NewPCG(uint64(number), uint64(slot))),
				runner: jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, MaxInterruptions: 10_000,
					Clock: jobs.ClockFunc(func() time.Time { return time.Now().Add(skew) })}),
			}
			workers.Go(func() { worker.run(ctx) })
		}
	}
	for range 600 {
		time.Sleep(time.Minute)
		_, err := sweeper.RunOnce(ctx)
		require.NoError(t, err)
		if commits.count() == count {
			break
		}
	}
	cancel()
	workers.Wait()
	require.Equal(t, count, commits.count())
	lost := 0
	for _, id := range ids {
		job, err := store.Get(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, jobs.Succeeded, job.State)
		require.Equal(t, []string{string(job.Result.Inline)}, commits.of(id), "one attempt was told that it committed, the one whose result is kept")
		lost += int(job.Fence) - 1
	}
	require.Positive(t, lost, "no lease was ever lost: the test shows nothing")
}

// stallingWorker does what a worker does, but does not notice when it loses a lease.
type stallingWorker struct {
	name    string
	runner  *jobs.Runner
	queue   *memory.Queue
	lane    jobs.Lane
	random  *rand.Rand
	commits *commitLog
}

func (w *stallingWorker) run(ctx context.Context) {
	for ctx.Err() == nil {
		deliveries, _ := w.queue.Receive(ctx, w.lane, 1, 20*time.Second, jobs.LeaseFor)
		for _, delivery := range deliveries {
			w.work(ctx, delivery)
		}
	}
}

func (w *stallingWorker) work(ctx context.Context, delivery jobs.Delivery) {
	message, err := jobs.ParseMessage(delivery.Body)
	if err != nil {
		return
	}
	job, err := w.runner.Claim(ctx, message.ID, w.name)
	switch {
	case errors.Is(err, jobs.ErrFinished):
		_ = w.queue.Delete(ctx, w.lane, []string{delivery.Receipt})
		return
	case err != nil:
		return
	}
	time.Sleep(time.Duration(w.random.IntN(60)) * time.Second)
	result := fmt.Sprintf("%s at fence %d", w.name, job.Fence)
	if _, err := w.runner.Succeed(ctx, job.Held(), jobs.Bytes("text/plain", []byte(result))); err == nil {
		w.commits.add(job.ID, result)
		_ = w.queue.Delete(ctx, w.lane, []string{delivery.Receipt})
	}
}

// commitLog is who was told that a commit had landed.
type commitLog struct {
	mu  sync.Mutex
	log map[string][]string
}

func (c *commitLog) add(id, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.log == nil {
		c.log = map[string][]string{}
	}
	c.log[id] = append(c.log[id], result)
}

func (c *commitLog) of(id string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log[id]
}

func (c *commitLog) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.log)
}
