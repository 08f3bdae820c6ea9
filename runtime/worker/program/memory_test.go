package program_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// The worker shares its host with a model: at 1 slot it takes 30 MiB or less,
// at 64 slots of which two stream results of 1 GB, 64 MiB or less.
func TestMemoryStaysSmall(t *testing.T) {
	t.Parallel()
	whole := newCloud(t)
	for name, row := range map[string]struct {
		slots     int
		streams   int
		bytes     int64
		mebibytes float64
	}{
		"1 slot, short jobs":                        {1, 0, 0, 30},
		"1 slot, a result of 5 GB":                  {1, 1, 5 << 30, 64},
		"64 slots, two of them streaming 1 GB each": {64, 2, 1 << 30, 64},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && row.bytes > 1<<30 {
				t.Skip("streams gigabytes")
			}
			c := whole.in(t)
			var streaming atomic.Int32
			piece := make([]byte, 1<<20)
			endpoint := model(t, func(w http.ResponseWriter, r *http.Request) {
				input, _ := io.ReadAll(r.Body)
				if string(input) != "stream" {
					time.Sleep(200 * time.Millisecond)
					_, _ = io.WriteString(w, "done")
					return
				}
				streaming.Add(1)
				for range row.bytes / int64(len(piece)) {
					_, _ = w.Write(piece)
				}
			})
			sink := httptest.NewServer(&bucket{})
			t.Cleanup(sink.Close)
			w := c.start(func(s *settings.Worker) { s.Endpoint, s.Concurrency = endpoint.URL, row.slots }, "AWS_ENDPOINT_URL_S3="+sink.URL)
			var streams, others []string
			for range row.streams {
				streams = append(streams, c.submit("stream"))
			}
			for range 3 * row.slots {
				others = append(others, c.submit("short"))
			}
			for _, id := range others {
				c.until(id, time.Minute, succeeded)
			}
			for _, id := range streams {
				job := c.until(id, 3*time.Minute, func(job jobs.Job) bool { return job.State.Terminal() })
				require.Equal(t, jobs.Succeeded, job.State)
				require.Equal(t, row.bytes, job.Result.Size)
			}
			require.EqualValues(t, row.streams, streaming.Load())
			peak := w.memory("VmHWM")
			t.Logf("%.1f MiB at the peak, %.1f MiB now, of them %.1f MiB of the program's file", peak, w.memory("VmRSS"), w.memory("RssFile"))
			require.LessOrEqual(t, peak, row.mebibytes)
		})
	}
}

// bucket takes uploads in parts and keeps nothing.
type bucket struct{ part atomic.Int64 }

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodPost && query.Has("uploads"):
		fmt.Fprint(w, `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPost:
		fmt.Fprint(w, `<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodPut:
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, b.part.Add(1)))
		if sum := r.Header.Get("x-amz-checksum-crc32"); sum != "" && !strings.Contains(sum, ",") {
			w.Header().Set("x-amz-checksum-crc32", sum)
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}
