package measure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const (
	streamed = 1_000_000_000
	// stream is the input of a job whose result is large.
	stream = `"stream"`
)

// memory is what a worker's process takes, by VmHWM, the peak of what was resident.
func (b *Bench) memory(ctx context.Context) ([]Row, error) {
	folder, err := os.MkdirTemp("", "bench-memory-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, "worker")
	if err := build(ctx, "runtime/worker/cmd/worker", runtime.GOARCH, binary); err != nil {
		return nil, err
	}
	var rows []Row
	for _, load := range []struct {
		what           string
		slots, streams int
		beside         string
		most           float64
	}{
		{"worker with 1 slot, short jobs", 1, 0, "Cortex's dequeuer 60-68 MiB (quoted)", 30},
		{"worker with 64 slots, two streaming results of 1 GB, the others busy", 64, 2, "", 64},
	} {
		idle, peak, err := resident(ctx, binary, load.slots, load.streams)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", load.what, err)
		}
		rows = append(rows, Row{What: load.what, Measured: fmt.Sprintf("%.1f MiB at the peak, %.1f MiB idle before", peak, idle),
			Beside: load.beside, Target: fmt.Sprintf("%.0f MiB", load.most), Met: peak <= load.most})
	}
	return rows, nil
}

// resident returns what a worker takes before its first job, and at the most.
func resident(ctx context.Context, binary string, slots, streams int) (idle, peak float64, err error) {
	c, err := newCloud(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer c.stop()
	endpoint, stop, err := startContainer(ctx, streamOrRest)
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	bucket, stopBucket, err := startBucket(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer stopBucket()
	metrics, err := freeAddress(ctx)
	if err != nil {
		return 0, 0, err
	}
	w, err := startWorker(binary, append(c.workerEnviron(func(s *settings.Worker) {
		s.Concurrency, s.Endpoint, s.MetricsAddress = slots, endpoint, metrics
	}), "AWS_ENDPOINT_URL_S3="+bucket)...)
	if err != nil {
		return 0, 0, err
	}
	defer w.stop()
	time.Sleep(3 * time.Second)
	if idle, err = w.memory("VmRSS"); err != nil {
		return 0, 0, err
	}
	service, count := c.deploy(c.config, nil).service, streams+5*slots
	for i := range count {
		input := "{}"
		if i < streams {
			input = stream
		}
		if _, _, err := service.Submit(ctx, jobs.Submission{Tenant: "acme", Worker: workerName, Input: []byte(input)}); err != nil {
			return 0, 0, err
		}
	}
	if err := until(ctx, 3*time.Minute, 200*time.Millisecond, func() (bool, error) { return succeeded(ctx, metrics) >= count, nil }); err != nil {
		return 0, 0, fmt.Errorf("%d of %d jobs are done: %w: %s", succeeded(ctx, metrics), count, err, w.said())
	}
	peak, err = w.memory("VmHWM")
	return idle, peak, err
}

// streamOrRest is a container that streams a gigabyte, or takes a second.
func streamOrRest(w http.ResponseWriter, r *http.Request) {
	input, _ := io.ReadAll(r.Body)
	if string(input) != stream {
		time.Sleep(time.Second)
		_, _ = io.WriteString(w, noResult)
		return
	}
	piece := make([]byte, 1_000_000)
	for range streamed / len(piece) {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// startBucket takes uploads in parts and keeps nothing: the emulator would keep
// gigabytes in memory.
func startBucket(ctx context.Context) (endpoint string, stop func(), err error) {
	var parts atomic.Int64
	return startServer(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch query := r.URL.Query(); {
		case r.Method == http.MethodPost && query.Has("uploads"):
			_, _ = io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>`)
		case r.Method == http.MethodPost:
			_, _ = io.WriteString(w, `<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>`)
		case r.Method == http.MethodPut:
			w.Header().Set("ETag", fmt.Sprintf(`"%d"`, parts.Add(1)))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
}
