package httpapi_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

const benchBody = `{"worker":"analyser","input":{"document":"s3://bucket/key","question":"what does it say?"},"metadata":{"order":"7"}}`

// nullWriter is the cheapest http.ResponseWriter.
type nullWriter struct {
	header http.Header
	status int
}

func (w *nullWriter) Header() http.Header         { return w.header }
func (w *nullWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *nullWriter) WriteHeader(status int)      { w.status = status }

// BenchmarkSubmit is the handler alone: no network and no AWS.
func BenchmarkSubmit(b *testing.B) {
	f := newFixture(b, options{logTo: io.Discard})
	key := f.key(b, "acme")
	template := httptest.NewRequest(http.MethodPost, "/v1/jobs", nil)
	template.Header.Set("Authorization", "Bearer "+key)
	template.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		request := template.Clone(template.Context())
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader([]byte(benchBody))), int64(len(benchBody))
		w := &nullWriter{header: http.Header{}}
		f.handler.ServeHTTP(w, request)
		if w.status != http.StatusAccepted {
			b.Fatal(w.status)
		}
	}
}

// BenchmarkSubmitHTTP is a server on a socket and clients that keep their
// connections; both share the cores, so a core's own rate is above what it tells.
func BenchmarkSubmitHTTP(b *testing.B) {
	f := newFixture(b, options{logTo: io.Discard})
	key := f.key(b, "acme")
	server := httptest.NewServer(f.handler)
	defer server.Close()
	address := server.Listener.Addr().String()
	request := []byte("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(len(benchBody)) + "\r\n\r\n" + benchBody)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		connection, err := net.Dial("tcp", address)
		require.NoError(b, err)
		defer connection.Close()
		answer := make([]byte, 4096)
		for pb.Next() {
			_, err := connection.Write(request)
			require.NoError(b, err)
			n, err := connection.Read(answer)
			require.NoError(b, err)
			if !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 202")) {
				b.Fatalf("%s", answer[:n])
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "req/s")
}

// BenchmarkGet reads a job with its result.
func BenchmarkGet(b *testing.B) {
	f := newFixture(b, options{logTo: io.Discard})
	key := f.key(b, "acme")
	id := f.submit(b, key, `{"worker":"analyser"}`).ID
	f.succeed(b, id, jobs.Bytes("application/json", []byte(`{"ok":true}`)))
	request := httptest.NewRequest(http.MethodGet, "/v1/jobs/"+id, nil)
	request.Header.Set("Authorization", "Bearer "+key)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		f.handler.ServeHTTP(&nullWriter{header: http.Header{}}, request.Clone(request.Context()))
	}
}
