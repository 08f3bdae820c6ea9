// Package runtimetest runs a built Lambda function against a small fake of the
// Lambda runtime API, so that tests see what the platform would see: buffered
// answers, streamed ones as they come, and errors.
package runtimetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Build compiles a main package for this machine and returns the binary's path.
// It takes the flags of 'go test', so that the packages are compiled once for both:
// in an empty cache those of the AWS SDK take minutes.
func Build(t testing.TB, directory string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", binary, ".")
	command.Dir = directory
	output, err := command.CombinedOutput()
	require.NoError(t, err, "building %s: %s", directory, output)
	return binary
}

// Function is a running function.
type Function struct {
	server *httptest.Server
	events chan invocation
	done   chan struct{}
	logs   *syncBuffer
	cancel context.CancelFunc
}

type invocation struct {
	id      string
	payload []byte
	limit   time.Duration
	answer  chan Answer
}

// Answer is what the function said.
type Answer struct {
	// ContentType of a response; application/vnd.awslambda.http-integration-response where it streams.
	ContentType string
	// Body can be read while the function still writes it.
	Body io.ReadCloser
	// Error tells that the function reported an error, which is the body.
	Error bool
	// release lets the request that carries the body end.
	release chan struct{}
}

// Start runs a binary with an environment, until the test ends.
func Start(t testing.TB, binary string, environment map[string]string) *Function {
	t.Helper()
	f := &Function{events: make(chan invocation), done: make(chan struct{}), logs: &syncBuffer{}}
	var waiting sync.Map // of chan Answer, by the id of an invocation
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case event := <-f.events:
			waiting.Store(event.id, event.answer)
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", event.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(event.limit).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:test")
			_, _ = w.Write(event.payload)
		case <-r.Context().Done():
		}
	})
	answer := func(failed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			release := make(chan struct{})
			invoker, found := waiting.LoadAndDelete(r.PathValue("id"))
			if !found {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			invoker.(chan Answer) <- Answer{ContentType: r.Header.Get("Content-Type"), Body: r.Body, Error: failed, release: release}
			<-release
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", answer(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", answer(true))
	f.server = httptest.NewServer(mux)

	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	command := exec.CommandContext(ctx, binary)
	command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(f.server.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=test"}
	for name, value := range environment {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stdout, command.Stderr = f.logs, f.logs
	require.NoError(t, command.Start())
	go func() {
		_ = command.Wait() // killed at the end of the test; before that Invoke notices
		close(f.done)
	}()
	t.Cleanup(f.Stop)
	return f
}

// Stop kills the function. It does nothing the second time.
func (f *Function) Stop() {
	f.cancel()
	<-f.done
	f.server.CloseClientConnections()
	f.server.Close()
}

// Stopped tells whether the function has ended.
func (f *Function) Stopped() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// Logs returns what the function has written so far.
func (f *Function) Logs() string { return f.logs.String() }

// Invoke hands an event to the function and returns its answer once it begins.
// The caller must Close the answer before it invokes again.
func (f *Function) Invoke(t testing.TB, event any, limit time.Duration) Answer {
	t.Helper()
	payload, err := json.Marshal(event)
	require.NoError(t, err)
	answer := make(chan Answer, 1)
	select {
	case f.events <- invocation{id: fmt.Sprintf("r-%d", time.Now().UnixNano()), payload: payload, limit: limit, answer: answer}:
	case <-f.done:
		t.Fatalf("the function has stopped: %s", f.Logs())
	}
	select {
	case got := <-answer:
		return got
	case <-f.done:
		t.Fatalf("the function stopped without an answer: %s", f.Logs())
		return Answer{}
	}
}

// Close lets the function go on to the next event.
func (a Answer) Close() {
	_, _ = io.Copy(io.Discard, a.Body) // as the platform does
	close(a.release)
}
