package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
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

// fixture is the whole API over memory, and a worker's hand in it.
type fixture struct {
	handler http.Handler
	store   *memory.Store
	queue   *memory.Queue
	blobs   *memory.Blobs
	service *jobs.Service
	runner  *jobs.Runner
	keys    *keymemory.Store
	logs    *lockedBuffer
	woken   *waker
	router  routers.Router
}

type options struct {
	now       func() time.Time
	rate      int
	pollEvery time.Duration
	keepAlive time.Duration
	streamFor time.Duration
	jobs      func(httpapi.Jobs) httpapi.Jobs
	logTo     io.Writer
}

var lanes = []jobs.Lane{
	{Worker: "analyser", Priority: jobs.High}, {Worker: "analyser", Priority: jobs.Normal}, {Worker: "analyser", Priority: jobs.Low},
	{Worker: "trainer", Priority: jobs.Normal},
}

func newFixture(t testing.TB, o options) *fixture {
	t.Helper()
	if o.now == nil {
		o.now = time.Now
	}
	if o.rate == 0 {
		o.rate = 1 << 30
	}
	f := &fixture{store: memory.NewStore(), queue: memory.NewQueue(lanes...), blobs: memory.NewBlobs("http://blobs.test"),
		keys: &keymemory.Store{}, logs: &lockedBuffer{}, woken: &waker{}}
	if o.logTo == nil {
		o.logTo = f.logs
	}
	log := slog.New(slog.NewJSONHandler(o.logTo, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.service = jobs.NewService(jobs.ServiceOptions{Store: f.store, Queue: f.queue, Blobs: f.blobs, Lanes: lanes, Clock: jobs.ClockFunc(o.now), Log: log})
	f.runner = jobs.NewRunner(jobs.RunnerOptions{Store: f.store, Queue: f.queue, Clock: jobs.ClockFunc(o.now), Log: log})
	var service httpapi.Jobs = f.service
	if o.jobs != nil {
		service = o.jobs(service)
	}
	routes := append(httpapi.ServiceRoutes(api.Health{Application: "tandem", Environment: "test"}), httpapi.JobRoutes(httpapi.JobOptions{
		Jobs: service, Lanes: lanes, Waker: f.woken, CheckWebhook: target.Policy{}.Check, Log: log,
		PollEvery: o.pollEvery, KeepAlive: o.keepAlive, StreamFor: o.streamFor,
	})...)
	f.handler = httpapi.New(httpapi.Options{
		Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: f.keys, Now: o.now}},
		Limiter:       ratelimit.New(ratelimit.Options{Rate: o.rate, Burst: o.rate, Now: o.now}),
		Log:           log,
	}, routes...)
	return f
}

// documented makes the fixture hold every answer against openapi.yaml.
func (f *fixture) documented(t testing.TB) *fixture {
	t.Helper()
	loaded, err := openapi3.NewLoader().LoadFromData(httpapi.Document())
	require.NoError(t, err)
	require.NoError(t, loaded.Validate(context.Background()))
	f.router, err = legacy.NewRouter(loaded)
	require.NoError(t, err)
	return f
}

func (f *fixture) key(t testing.TB, tenant string, scopes ...keys.Scope) string {
	t.Helper()
	token, _, err := keys.Issue(context.Background(), f.keys, keys.Request{Tenant: tenant, Scopes: scopes}, time.Now(), rand.Reader)
	require.NoError(t, err)
	return token.Reveal()
}

// call is one request.
type call struct {
	method, path, key, body string
	header                  http.Header
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) job(t testing.TB) api.Job {
	t.Helper()
	var job api.Job
	require.NoError(t, json.Unmarshal(a.body, &job), "%s", a.body)
	return job
}

func (a answer) problem(t testing.TB) api.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), "%s", a.body)
	var p api.Problem
	require.NoError(t, json.Unmarshal(a.body, &p), "%s", a.body)
	require.Equal(t, a.status, p.Status)
	require.NotEmpty(t, p.Instance)
	return p
}

func (f *fixture) do(t testing.TB, c call) answer {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), c.method, c.path, bytes.NewReader([]byte(c.body)))
	if c.body == "" {
		request = httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil)
	}
	for name, values := range c.header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.body != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	f.handler.ServeHTTP(recorder, request)
	got := answer{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
	f.check(t, request, got)
	return got
}

// check holds an answer against the document.
func (f *fixture) check(t testing.TB, request *http.Request, got answer) {
	t.Helper()
	if f.router == nil {
		return
	}
	route, parameters, err := f.router.FindRoute(request)
	if err != nil {
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, got.status, "%s %s", request.Method, request.URL.Path)
		return
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 got.status, Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	require.NoError(t, err, "%s %s -> %d %.300s", request.Method, request.URL.Path, got.status, got.body)
}

// submit submits a job and returns it.
func (f *fixture) submit(t testing.TB, key, body string) api.Job {
	t.Helper()
	got := f.do(t, call{method: "POST", path: "/v1/jobs", key: key, body: body})
	require.Equal(t, http.StatusAccepted, got.status, "%s", got.body)
	return got.job(t)
}

// claim takes a job as a worker does.
func (f *fixture) claim(t testing.TB, id string) jobs.Held {
	t.Helper()
	job, err := f.runner.Claim(context.Background(), id, "test")
	require.NoError(t, err)
	return job.Held()
}

func (f *fixture) succeed(t testing.TB, id string, result jobs.Payload) {
	t.Helper()
	_, err := f.runner.Succeed(context.Background(), f.claim(t, id), result)
	require.NoError(t, err)
}

type waker struct {
	mu      sync.Mutex
	workers []string
}

func (w *waker) Wake(_ context.Context, worker string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workers = append(w.workers, worker)
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func decodeBody[T any](t testing.TB, got answer) T {
	t.Helper()
	var value T
	require.NoError(t, json.Unmarshal(got.body, &value), "%s", got.body)
	return value
}
