// Package apitest is the real API over memory, on a port of its own, with a
// worker that does what the test says: what commands are tested against.
package apitest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi"
	"tandem/runtime/httpapi/api"
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/keys"
	keymemory "tandem/runtime/keys/memory"
	"tandem/runtime/webhooks/target"
)

// Worker is the one that jobs are submitted to.
const Worker = "analyser"

// Server is a running API and what is behind it.
type Server struct {
	URL     string
	Store   *memory.Store
	Queue   *memory.Queue
	Blobs   *memory.Blobs
	Service *jobs.Service
	Runner  *jobs.Runner
	Keys    *keymemory.Store
}

// Options of a Server.
type Options struct {
	// Wrap stands before the API, to break what it answers. Defaults to nothing.
	Wrap func(http.Handler) http.Handler
	// Environment that /healthz names. Defaults to test.
	Environment string
	// StreamFor bounds one stream of events. Defaults to 14 min 30 s.
	StreamFor time.Duration
}

// Lanes that jobs may be submitted to.
func Lanes() []jobs.Lane {
	return []jobs.Lane{{Worker: Worker, Priority: jobs.High}, {Worker: Worker, Priority: jobs.Normal}, {Worker: Worker, Priority: jobs.Low}}
}

// New starts a server that ends with the test.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s := &Server{URL: server.URL, Store: memory.NewStore(), Queue: memory.NewQueue(Lanes()...),
		Blobs: memory.NewBlobs(server.URL + "/blobs"), Keys: &keymemory.Store{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.Service = jobs.NewService(jobs.ServiceOptions{Store: s.Store, Queue: s.Queue, Blobs: s.Blobs, Lanes: Lanes(), Log: log})
	s.Runner = jobs.NewRunner(jobs.RunnerOptions{Store: s.Store, Queue: s.Queue, MaxAttempts: 1, Log: log})
	routes := append(httpapi.ServiceRoutes(api.Health{Application: "tandem", Environment: cmp.Or(options.Environment, "test")}), httpapi.JobRoutes(httpapi.JobOptions{
		Jobs: s.Service, Lanes: Lanes(), CheckWebhook: target.Policy{}.Check, Log: log,
		PollEvery: 5 * time.Millisecond, StreamFor: options.StreamFor,
	})...)
	mux := http.NewServeMux()
	mux.Handle("/blobs/", s.Blobs)
	mux.Handle("/", httpapi.New(httpapi.Options{
		Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: s.Keys}},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: 1 << 20, Burst: 1 << 20}),
		Log:           log,
	}, routes...))
	handler = mux
	if options.Wrap != nil {
		handler = options.Wrap(mux)
	}
	return s
}

// Key makes a key of a tenant; with no scopes, those of a caller.
func (s *Server) Key(t testing.TB, tenant string, scopes ...keys.Scope) string {
	t.Helper()
	token, _, err := keys.Issue(t.Context(), s.Keys, keys.Request{Tenant: tenant, Scopes: scopes}, time.Now(), rand.Reader)
	require.NoError(t, err)
	return token.Reveal()
}

// Attempt is a running job in the hands of [Server.Work].
type Attempt struct {
	*Server
	Job  jobs.Job
	Held jobs.Held
}

// Work runs jobs one after another until the test ends, as what do says.
func (s *Server) Work(t testing.TB, do func(ctx context.Context, attempt Attempt) (jobs.Payload, error)) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-done
	})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			for _, lane := range Lanes() {
				s.workOff(ctx, lane, do)
			}
		}
	}()
}

func (s *Server) workOff(ctx context.Context, lane jobs.Lane, do func(context.Context, Attempt) (jobs.Payload, error)) {
	deliveries, _ := s.Queue.Receive(ctx, lane, 1, 2*time.Millisecond, time.Minute)
	for _, delivery := range deliveries {
		message, err := jobs.ParseMessage(delivery.Body)
		if err != nil {
			continue
		}
		job, err := s.Runner.Claim(ctx, message.ID, "test")
		if err == nil {
			result, err := do(ctx, Attempt{s, job, job.Held()})
			switch {
			case err == nil:
				_, _ = s.Runner.Succeed(ctx, job.Held(), result)
			case errors.Is(err, ErrStopped):
				_, _ = s.Runner.Stop(ctx, job.Held())
			default:
				_, _ = s.Runner.Fail(ctx, job.Held(), jobs.Failure{Code: "container_failed", Message: err.Error()}, true)
			}
		}
		_ = s.Queue.Delete(ctx, lane, []string{delivery.Receipt})
	}
}

// ErrStopped says that the attempt ended because its job was cancelled.
var ErrStopped = errors.New("stopped")

// UntilCancelled is work that runs until its job is cancelled.
func UntilCancelled(ctx context.Context, attempt Attempt) (jobs.Payload, error) {
	for ctx.Err() == nil {
		job, err := attempt.Runner.Renew(ctx, attempt.Held, nil)
		if err != nil {
			return jobs.Payload{}, err
		}
		if job.CancelRequested {
			return jobs.Payload{}, ErrStopped
		}
		time.Sleep(2 * time.Millisecond)
	}
	return jobs.Payload{}, ctx.Err()
}

// Input reads what was submitted.
func (a Attempt) Input(ctx context.Context) ([]byte, error) {
	if a.Job.Input.BlobKey == "" {
		return a.Job.Input.Inline, nil
	}
	body, _, err := a.Blobs.Get(ctx, a.Job.Input.BlobKey)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// Echo is work that gives back its input, as it came.
func Echo(ctx context.Context, attempt Attempt) (jobs.Payload, error) {
	input, err := attempt.Input(ctx)
	if err != nil {
		return jobs.Payload{}, err
	}
	return attempt.Result(ctx, attempt.Job.Input.ContentType, input)
}

// Result keeps a result inline where it is small, else as a blob.
func (a Attempt) Result(ctx context.Context, contentType string, content []byte) (jobs.Payload, error) {
	if len(content) <= jobs.InlineResult {
		return jobs.Bytes(contentType, content), nil
	}
	key := jobs.ResultKey(a.Job)
	info, err := a.Blobs.Put(ctx, key, bytes.NewReader(content), jobs.PutOptions{ContentType: contentType, Size: int64(len(content))})
	if err != nil {
		return jobs.Payload{}, err
	}
	return jobs.Blob(contentType, key, info.Size), nil
}
