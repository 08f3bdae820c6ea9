package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tandem/test/bench/report"
)

// nowhere is the cheapest http.ResponseWriter.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(status int)      { w.status = status }

// handler is a submit without network and without AWS.
func (b *Bench) handler(ctx context.Context) ([]Row, error) {
	var took []time.Duration
	var allocations []int
	for range 3 {
		// A new store each time: the benchmark fills it.
		handler, key, err := memoryAPI(ctx)
		if err != nil {
			return nil, err
		}
		template := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/jobs", http.NoBody)
		template.Header.Set("Authorization", "Bearer "+key)
		template.Header.Set("Content-Type", "application/json")
		result := testing.Benchmark(func(tb *testing.B) {
			for tb.Loop() {
				request := template.Clone(ctx)
				request.Body, request.ContentLength = io.NopCloser(bytes.NewReader([]byte(shortJob))), int64(len(shortJob))
				w := &nowhere{header: http.Header{}}
				handler.ServeHTTP(w, request)
				if w.status != http.StatusAccepted {
					tb.Fatal(w.status)
				}
			}
		})
		if result.N == 0 {
			return nil, fmt.Errorf("a submit was not answered by %d", http.StatusAccepted)
		}
		took = append(took, time.Duration(result.NsPerOp()))
		allocations = append(allocations, int(result.AllocsPerOp()))
	}
	return []Row{
		{What: "submit, the handler without AWS", Measured: fmt.Sprintf("%.1f us", float64(report.Median(took).Nanoseconds())/1000),
			Target: "100 us", Met: report.Median(took) <= 100*time.Microsecond},
		{What: "submit, allocations", Measured: fmt.Sprint(report.Median(allocations)), Target: "150", Met: report.Median(allocations) <= 150},
	}, nil
}
