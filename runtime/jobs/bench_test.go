package jobs_test

import (
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

type bench struct {
	store   *memory.Store
	queue   *memory.Queue
	service *jobs.Service
	runner  *jobs.Runner
	sweeper *jobs.Sweeper
}

var benchLane = jobs.Lane{Worker: "w", Priority: jobs.Normal}

func newBench() *bench {
	store, queue, log := memory.NewStore(), memory.NewQueue(), slog.New(slog.DiscardHandler)
	return &bench{
		store: store, queue: queue,
		service: jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: memory.NewBlobs(""), Log: log}),
		runner:  jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, Log: log}),
		sweeper: jobs.NewSweeper(jobs.SweeperOptions{Store: store, Queue: queue, Log: log, Lanes: []jobs.Lane{benchLane}}),
	}
}

func (b *bench) submit(tb testing.TB) jobs.Job {
	job, _, err := b.service.Submit(tb.Context(), jobs.Submission{Tenant: "acme", Worker: "w", Input: []byte(`{"page":1}`)})
	require.NoError(tb, err)
	return job
}

// work runs one job as a worker would.
func (b *bench) work(tb testing.TB) {
	deliveries, err := b.queue.Receive(tb.Context(), benchLane, 1, 0, jobs.LeaseFor)
	require.NoError(tb, err)
	require.Len(tb, deliveries, 1)
	message, err := jobs.ParseMessage(deliveries[0].Body)
	require.NoError(tb, err)
	job, err := b.runner.Claim(tb.Context(), message.ID, "task/1")
	require.NoError(tb, err)
	_, err = b.runner.Succeed(tb.Context(), job.Held(), jobs.Bytes("application/json", []byte(`{"text":"..."}`)))
	require.NoError(tb, err)
	require.NoError(tb, b.queue.Delete(tb.Context(), benchLane, []string{deliveries[0].Receipt}))
}

func BenchmarkSubmit(b *testing.B) {
	bench := newBench()
	b.ReportAllocs()
	for b.Loop() {
		bench.submit(b)
	}
}

func BenchmarkShortJob(b *testing.B) {
	bench := newBench()
	b.ReportAllocs()
	for b.Loop() {
		bench.submit(b)
		bench.work(b)
	}
}

func BenchmarkRenew(b *testing.B) {
	bench := newBench()
	job, err := bench.runner.Claim(b.Context(), bench.submit(b).ID, "task/1")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := bench.runner.Renew(b.Context(), job.Held(), nil)
		require.NoError(b, err)
	}
}

// A backlog of a million jobs must not slow down what is done to one of them.
func BenchmarkMillionJobBacklog(b *testing.B) {
	const backlog = 1_000_000
	bench := newBench()
	start := time.Now()
	for range backlog {
		bench.submit(b)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.Logf("%d jobs submitted in %v, heap %d MiB", backlog, time.Since(start).Round(time.Millisecond), memory.HeapAlloc>>20)
	page, err := bench.service.List(b.Context(), "acme", jobs.Filter{}, "", 100)
	require.NoError(b, err)

	b.Run("submit", func(b *testing.B) {
		for b.Loop() {
			bench.submit(b)
		}
	})
	b.Run("work", func(b *testing.B) {
		for b.Loop() {
			bench.work(b)
		}
	})
	b.Run("list a page", func(b *testing.B) {
		for b.Loop() {
			_, err := bench.service.List(b.Context(), "acme", jobs.Filter{}, page.Cursor, 100)
			require.NoError(b, err)
		}
	})
	b.Run("list what is not there", func(b *testing.B) {
		for b.Loop() {
			_, err := bench.service.List(b.Context(), "acme", jobs.Filter{States: []jobs.State{jobs.Failed}}, "", 100)
			require.NoError(b, err)
		}
	})
	b.Run("sweep", func(b *testing.B) {
		for b.Loop() {
			_, err := bench.sweeper.RunOnce(b.Context())
			require.NoError(b, err)
		}
	})
	b.Run("depth", func(b *testing.B) {
		for b.Loop() {
			_, err := bench.queue.Depth(b.Context(), benchLane)
			require.NoError(b, err)
		}
	})
}
