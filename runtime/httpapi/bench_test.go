package httpapi_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"

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

// TestMain lets the test binary be the server of BenchmarkSubmitHTTP, in a
// process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("TANDEM_BENCH_SERVER") == "" {
		os.Exit(m.Run())
	}
	f := newFixture(&testing.B{}, options{logTo: io.Discard})
	server := httptest.NewServer(f.handler)
	fmt.Println(server.Listener.Addr(), f.key(&testing.B{}, "acme"))
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark has ended
}

// BenchmarkSubmitHTTP is a server on a socket, with one core, and eight clients
// that keep their connections. The server's own processor time tells what a core
// can do, whatever else the machine is busy with.
func BenchmarkSubmitHTTP(b *testing.B) {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), "TANDEM_BENCH_SERVER=1", "GOMAXPROCS=1")
	server.Stderr = os.Stderr
	stop, err := server.StdinPipe()
	require.NoError(b, err)
	out, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	var address, key string
	_, err = fmt.Fscan(out, &address, &key)
	require.NoError(b, err)
	request := []byte("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(len(benchBody)) + "\r\n\r\n" + benchBody)
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer connection.Close()
		answer := make([]byte, 4096)
		for pb.Next() {
			if _, err := connection.Write(request); err != nil {
				b.Error(err)
				return
			}
			n, err := connection.Read(answer)
			if err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 202")) {
				b.Errorf("%v: %s", err, answer[:n])
				return
			}
		}
	})
	b.StopTimer()
	require.NoError(b, stop.Close())
	require.NoError(b, server.Wait())
	used := server.ProcessState.UserTime() + server.ProcessState.SystemTime()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-us/op")
	b.ReportMetric(float64(b.N)/used.Seconds(), "req/core-s")
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
