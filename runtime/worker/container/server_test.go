package container_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/container"
)

func serve(t *testing.T, handler http.HandlerFunc) *container.Server {
	t.Helper()
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	server, err := container.NewServer(container.ServerOptions{Endpoint: listener.URL, PingTimeout: 200 * time.Millisecond})
	require.NoError(t, err)
	return server
}

func TestAnInvocationCarriesTheJobAndItsInput(t *testing.T) {
	deadline := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	var seen *http.Request
	var body []byte
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(w, "a,b")
	})
	answer, err := server.Invoke(t.Context(), container.Call{
		Job: "job-1", Attempt: 7, Tenant: "acme", API: "http://127.0.0.1:9410/v1", Deadline: deadline,
		ContentType: "text/plain", Input: strings.NewReader("hello"), InputSize: 5,
	})
	require.NoError(t, err)
	defer answer.Body.Close()
	result, err := io.ReadAll(answer.Body)
	require.NoError(t, err)

	require.Equal(t, "a,b", string(result))
	require.Equal(t, "text/csv", answer.ContentType)
	require.Equal(t, "POST /invocations", seen.Method+" "+seen.URL.Path)
	require.Equal(t, "hello", string(body))
	require.EqualValues(t, 5, seen.ContentLength, "a server that reads Content-Length bytes gets the whole input")
	require.Equal(t, "text/plain", seen.Header.Get("Content-Type"))
	require.Equal(t, "job-1", seen.Header.Get("X-Tandem-Job"))
	require.Equal(t, "7", seen.Header.Get("X-Tandem-Attempt"))
	require.Equal(t, "acme", seen.Header.Get("X-Tandem-Tenant"))
	require.Equal(t, "http://127.0.0.1:9410/v1", seen.Header.Get("X-Tandem-Api"))
	require.Equal(t, "2026-11-24T06:00:00Z", seen.Header.Get("X-Tandem-Deadline"))
}

func TestARefusalIsAFailureAndNotALostContainer(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.Error(w, "out of memory"+strings.Repeat(".", 4096), http.StatusInternalServerError)
	})
	_, err := server.Invoke(t.Context(), container.Call{Job: "j"})
	var failure *container.Failure
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 500, failure.Status)
	require.True(t, strings.HasPrefix(failure.Text, "out of memory"))
	require.LessOrEqual(t, len(failure.Text), 256)
	require.NotContains(t, failure.Error(), "out of memory", "what the container wrote is the tenant's, not the log's")
	require.ErrorAs(t, server.Ping(t.Context()), &failure)
}

func TestRedirectsAreFailures(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("followed to where the container has no say")
	}))
	defer elsewhere.Close()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := server.Invoke(t.Context(), container.Call{Job: "j"})
	var failure *container.Failure
	require.ErrorAs(t, err, &failure)
}

func TestAContainerThatGoesAwayIsUnreachable(t *testing.T) {
	var unreachable *container.Unreachable
	t.Run("it does not listen", func(t *testing.T) {
		server, err := container.NewServer(container.ServerOptions{Endpoint: "http://" + closedAddress(t)})
		require.NoError(t, err)
		require.ErrorAs(t, server.Ping(t.Context()), &unreachable)
		_, err = server.Invoke(t.Context(), container.Call{Job: "j"})
		require.ErrorAs(t, err, &unreachable)
	})
	t.Run("it dies before it answers", func(t *testing.T) {
		server := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		_, err := server.Invoke(t.Context(), container.Call{Job: "j"})
		require.ErrorAs(t, err, &unreachable)
	})
	t.Run("it dies in the middle of its answer", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		answer, err := server.Invoke(t.Context(), container.Call{Job: "j"})
		require.NoError(t, err)
		defer answer.Body.Close()
		_, err = io.ReadAll(answer.Body)
		require.ErrorAs(t, err, &unreachable, "half a result must not look whole")
	})
	t.Run("it never answers a ping", func(t *testing.T) {
		server := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		require.ErrorAs(t, server.Ping(t.Context()), &unreachable)
	})
}

// A server that is asked to close the connection resets it when its patience
// ends, and takes along what the worker had no time to read.
func TestAnAnswerOutlivesAContainerThatDidNotReadItsInput(t *testing.T) {
	const size = 256 << 10
	listener := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, size))
	}))
	over, once := make(chan struct{}), sync.Once{}
	listener.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateIdle || state == http.StateClosed {
			once.Do(func() { close(over) })
		}
	}
	listener.Start()
	t.Cleanup(listener.Close)
	server, err := container.NewServer(container.ServerOptions{Endpoint: listener.URL})
	require.NoError(t, err)
	answer, err := server.Invoke(t.Context(), container.Call{Job: "job-1", Input: strings.NewReader(strings.Repeat("x", 64<<10)), InputSize: 64 << 10})
	require.NoError(t, err)
	defer answer.Body.Close()
	<-over
	result, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Len(t, result, size)
}

func TestAStoreThatFailsIsNotTheContainersFault(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	broken := errors.New("bucket is gone")
	_, err := server.Invoke(t.Context(), container.Call{Job: "j", InputSize: 100, Input: io.MultiReader(strings.NewReader("x"), failing{broken})})
	require.ErrorIs(t, err, broken)
	var unreachable *container.Unreachable
	require.NotErrorAs(t, err, &unreachable)
}

func TestTheContextCutsAnInvocationWithItsCause(t *testing.T) {
	entered := make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { close(entered); <-r.Context().Done() })
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("lease lost")
	go func() { <-entered; cancel(cause) }()
	_, err := server.Invoke(ctx, container.Call{Job: "j"})
	require.ErrorIs(t, err, cause)
}

func TestAnEndpointThatCannotBeIsRefusedAtStart(t *testing.T) {
	for _, endpoint := range []string{"", "127.0.0.1:8080", "unix:///socket", "http://"} {
		_, err := container.NewServer(container.ServerOptions{Endpoint: endpoint})
		require.ErrorContains(t, err, "endpoint", endpoint)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func closedAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
