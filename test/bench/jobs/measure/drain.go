package measure

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tandem/runtime/settings"
	"tandem/test/bench/report"
)

const drainSlots = 10

// drain is a worker with ten slots and a container that does nothing, beside
// the same calls alone; each on an emulator of its own, in turns.
func (b *Bench) drain(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "bench-drain-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "worker")
	if err := build(ctx, "runtime/worker/cmd/worker", runtime.GOARCH, binary); err != nil {
		return nil, err
	}
	// A receive from the emulator walks through all messages that wait: the
	// smaller backlog shows more of the worker, and less of that.
	var rows []Row
	for _, backlog := range []struct{ jobs, rounds int }{{b.Jobs / 10, b.Rounds}, {b.Jobs, 1}} {
		measured, err := b.drainOf(ctx, binary, backlog.jobs, backlog.rounds)
		rows = append(rows, measured...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func (b *Bench) drainOf(ctx context.Context, binary string, count, rounds int) ([]Row, error) {
	var bares, workers []float64
	var peak float64
	for range rounds {
		alone, err := b.drained(ctx, count, func(_ *cloud, loop *bare) error { return loop.drain(ctx, count) })
		if err != nil {
			return nil, fmt.Errorf("the bare loop: %w", err)
		}
		bares = append(bares, alone)
		got, err := b.drained(ctx, count, func(c *cloud, _ *bare) error {
			resident, err := drainByWorker(ctx, c, binary, count)
			peak = max(peak, resident)
			return err
		})
		if err != nil {
			return nil, err
		}
		workers = append(workers, got)
		b.say("bare %.0f/s, worker %.0f/s", alone, got)
	}
	// Once: with a long backlog it takes minutes.
	peer, beside := rate{perSecond: quotedCortexDrained, quoted: true}, "in 60-68 MiB"
	if perSecond, resident, err := b.drainByCortex(ctx, count); err != nil {
		b.say("without Cortex: %v", err)
	} else {
		peer, beside = rate{perSecond: perSecond}, fmt.Sprintf("in %.0f MiB", resident)
	}
	got, ceiling := report.Median(workers), report.Median(bares)
	return []Row{
		{What: fmt.Sprintf("drain of %d no-op jobs on the emulator, 10 slots", count), Measured: fmt.Sprintf("%.0f/s, %.0f MiB resident at the peak", got, peak),
			Beside: fmt.Sprintf("%.0f/s bare receive, 2 updates, delete; %.0f %%", ceiling, 100*got/ceiling), Target: "90 % of bare", Met: got >= 0.9*ceiling},
		{What: "the same beside the peer", Measured: fmt.Sprintf("%.0f/s", got),
			Beside: fmt.Sprintf("Cortex's dequeuer %v %s; %.1f times as fast", peer, beside, got/peer.perSecond), Target: "3 times as fast", Met: got >= 3*peer.perSecond},
	}, nil
}

// drained fills a new emulator and returns the jobs a second of what empties it.
func (b *Bench) drained(ctx context.Context, count int, empty func(*cloud, *bare) error) (float64, error) {
	c, err := newCloud(ctx)
	if err != nil {
		return 0, err
	}
	defer c.stop()
	loop, err := learnBare(ctx, c)
	if err != nil {
		return 0, err
	}
	if _, err := spread(count, func() error { return loop.submit(ctx) }); err != nil {
		return 0, err
	}
	began, before := time.Now(), cpuTime(c.emulator.PID())
	if err := empty(c, loop); err != nil {
		return 0, err
	}
	took := time.Since(began)
	b.say("emulator's CPU %v a job", (cpuTime(c.emulator.PID())-before)/time.Duration(count))
	depth, err := c.deploy(c.config, nil).queue.Depth(ctx, lanes[1])
	if err != nil {
		return 0, err
	}
	if !depth.Empty() {
		return 0, fmt.Errorf("messages are left: %+v", depth)
	}
	return float64(count) / took.Seconds(), nil
}

// drainByWorker counts from the start of the worker's process to the deletion
// of the last message, and returns its peak of resident memory in MiB.
func drainByWorker(ctx context.Context, c *cloud, binary string, count int) (float64, error) {
	endpoint, stop, err := startContainer(ctx, doNothing)
	if err != nil {
		return 0, err
	}
	defer stop()
	metrics, err := freeAddress(ctx)
	if err != nil {
		return 0, err
	}
	w, err := startWorker(binary, c.workerEnviron(func(s *settings.Worker) {
		s.Concurrency, s.Endpoint, s.MetricsAddress = drainSlots, endpoint, metrics
	})...)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	queue := c.deploy(c.config, nil).queue
	err = until(ctx, 5*time.Minute, 50*time.Millisecond, func() (bool, error) {
		if succeeded(ctx, metrics) < count {
			return false, nil
		}
		depth, err := queue.Depth(ctx, lanes[1])
		return err == nil && depth.Empty(), err
	})
	if err != nil {
		return 0, fmt.Errorf("%d jobs are done: %w: %s", succeeded(ctx, metrics), err, w.said())
	}
	return w.memory("VmHWM")
}

// succeeded reads from a worker's metrics how many attempts were; 0 where they
// cannot be read yet.
func succeeded(ctx context.Context, metrics string) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metrics+"/metrics", http.NoBody)
	if err != nil {
		return 0
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if count, found := strings.CutPrefix(lines.Text(), `tandem_worker_attempts_total{outcome="succeeded"} `); found {
			number, _ := strconv.ParseFloat(count, 64)
			return int(number)
		}
	}
	return 0
}
