package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"time"

	"tandem/runtime/models"
	"tandem/test/bench/report"
)

const (
	// longChunks is a quarter of an hour at 50 tokens a second.
	longChunks = 15 * 60 * 50
	holdLimit  = 1 << 20
	streams    = 1000
	manyLimit  = 128 << 20
)

// manyPace is a stream of about twelve seconds, so that a thousand overlap.
var manyPace = pace{chunks: 40, pause: 300 * time.Millisecond}

func (b *Bench) memory(ctx context.Context) ([]Row, error) {
	held, err := b.longStream(ctx)
	if err != nil {
		return nil, err
	}
	rows := []Row{{What: fmt.Sprintf("a stream of %d chunks, a quarter of an hour's, holds", longChunks),
		Measured: report.Mebibytes(held), Target: "1 MiB", Met: held <= holdLimit}}
	many, err := b.manyStreams(ctx)
	return append(rows, many...), err
}

// longStream returns by how much the heap grows at most while a stream runs.
func (b *Bench) longStream(ctx context.Context) (int64, error) {
	long := pace{chunks: longChunks}
	short := pace{chunks: 10}
	router, err := newRouter(b.provider.address, long, short)
	if err != nil {
		return 0, err
	}
	run := func(p pace, send func(json.RawMessage) error) error {
		_, err := router.ChatStream(ctx, models.Call{Model: modelFor(p), Body: json.RawMessage(question(modelFor(p), true))}, send)
		return err
	}
	if err := run(short, func(json.RawMessage) error { return nil }); err != nil {
		return 0, err
	}
	before := heap()
	var most int64
	count := 0
	err = run(long, func(json.RawMessage) error {
		if count++; count%5000 == 0 {
			most = max(most, heap()-before)
		}
		return nil
	})
	if err == nil && count < longChunks {
		err = fmt.Errorf("a stream of %d chunks had %d", longChunks, count)
	}
	return most, err
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// manyStreams returns what the API's process holds with all of them open.
func (b *Bench) manyStreams(ctx context.Context) ([]Row, error) {
	server, err := start(ctx, tandemRole, b.provider.address)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	p := &peer{name: "Tandem", process: server, key: server.more, model: modelFor, base: func(pace) string { return "http://" + server.address + "/v1" }}
	way := overHTTP(p, manyPace, true)
	if _, err := way(ctx); err != nil {
		return nil, err
	}
	idle, _, err := server.resident()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var mu sync.Mutex
	var firsts []time.Duration
	var failed error
	var group sync.WaitGroup
	for range streams {
		group.Go(func() {
			first, err := way(ctx)
			mu.Lock()
			defer mu.Unlock()
			firsts = append(firsts, first)
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	if failed != nil {
		return nil, failed
	}
	took := time.Since(began)
	_, peak, err := server.resident()
	return []Row{{
		What:     fmt.Sprintf("%d streams at once over HTTP, the API's process", streams),
		Measured: fmt.Sprintf("%s resident at the peak, %s idle before", report.Mebibytes(peak), report.Mebibytes(idle)),
		Beside:   fmt.Sprintf("first tokens after %s at p99, all ended after %.1f s", report.Milliseconds(report.Percentile(firsts, 0.99)), took.Seconds()),
		Target:   "128 MiB", Met: peak < manyLimit,
	}}, err
}
