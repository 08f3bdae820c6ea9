package modelsapi_test

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
	"tandem/runtime/httpapi/auth"
	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/keys"
	keymemory "tandem/runtime/keys/memory"
	"tandem/runtime/models"
)

// router is a models.Router that answers as a test says.
type router struct {
	chat       func(ctx context.Context, call models.Call) (*models.Answer, error)
	stream     func(ctx context.Context, call models.Call, send func(json.RawMessage) error) (models.Served, error)
	embeddings func(ctx context.Context, call models.Call) (*models.Answer, error)
}

func (r router) Chat(ctx context.Context, call models.Call) (*models.Answer, error) {
	return r.chat(ctx, call)
}

func (r router) ChatStream(ctx context.Context, call models.Call, send func(json.RawMessage) error) (models.Served, error) {
	return r.stream(ctx, call, send)
}

func (r router) Embeddings(ctx context.Context, call models.Call) (*models.Answer, error) {
	return r.embeddings(ctx, call)
}

func (router) Models() []models.Model {
	return []models.Model{{Name: "analyst", Overflow: "analyser", OwnedBy: "openai"}, {Name: "assistant", OwnedBy: "anthropic"}}
}

var served = models.Served{Model: "analyst", Route: "openai", Provider: "openai", UpstreamModel: "gpt-5", Tier: 1, Attempts: 2,
	Usage: models.Usage{Input: 12, Output: 34}, CostUSD: 0.0125, CostKnown: true, FirstToken: 20 * time.Millisecond, Total: 1234 * time.Millisecond}

// fixture is the API over a router, and jobs in memory.
type fixture struct {
	t         *testing.T
	handler   http.Handler
	key       string
	keys      *keymemory.Store
	store     *memory.Store
	blobs     *memory.Blobs
	service   *jobs.Service
	woken     *waker
	logs      *lockedBuffer
	described routers.Router
}

type waker struct{ workers []string }

func (w *waker) Wake(_ context.Context, worker string) { w.workers = append(w.workers, worker) }

func newFixture(t *testing.T, r router, change ...func(*modelsapi.Options, *ratelimit.Options)) *fixture {
	t.Helper()
	lanes := []jobs.Lane{{Worker: "analyser", Priority: jobs.Normal}}
	f := &fixture{t: t, keys: &keymemory.Store{}, store: memory.NewStore(), blobs: memory.NewBlobs("http://blobs.test"), woken: &waker{}, logs: &lockedBuffer{}}
	log := slog.New(slog.NewJSONHandler(f.logs, nil))
	f.service = jobs.NewService(jobs.ServiceOptions{Store: f.store, Queue: memory.NewQueue(lanes...), Blobs: f.blobs, Lanes: lanes, Log: log})
	options := modelsapi.Options{Router: r, Jobs: f.service, Waker: f.woken, Timeout: time.Minute, Log: log}
	limits := ratelimit.Options{Rate: 1 << 30, Burst: 1 << 30}
	for _, c := range change {
		c(&options, &limits)
	}
	f.handler = httpapi.New(httpapi.Options{Authenticator: auth.Bearer{Tokens: keys.Authenticator{Keys: f.keys}},
		Limiter: ratelimit.New(limits), Log: log}, modelsapi.Routes(options)...)
	f.key = f.issue("acme", keys.CallerScopes()...)
	document, err := openapi3.NewLoader().LoadFromData(httpapi.Document())
	require.NoError(t, err)
	f.described, err = legacy.NewRouter(document)
	require.NoError(t, err)
	return f
}

func (f *fixture) issue(tenant string, scopes ...keys.Scope) string {
	f.t.Helper()
	token, _, err := keys.Issue(f.t.Context(), f.keys, keys.Request{Tenant: tenant, Scopes: scopes}, time.Now(), rand.Reader)
	require.NoError(f.t, err)
	return token.Reveal()
}

// post sends a body and holds the answer against openapi.yaml.
func (f *fixture) post(path, body string, header ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.do(httptest.NewRequestWithContext(f.t.Context(), http.MethodPost, path, bytes.NewReader([]byte(body))), header...)
}

func (f *fixture) do(request *http.Request, header ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	request.Header.Set("Authorization", "Bearer "+f.key)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	f.handler.ServeHTTP(recorder, request)
	f.check(request, recorder)
	return recorder
}

func (f *fixture) check(request *http.Request, got *httptest.ResponseRecorder) {
	f.t.Helper()
	route, parameters, err := f.described.FindRoute(request)
	if err != nil {
		require.Equal(f.t, http.StatusMethodNotAllowed, got.Code, "%s %s", request.Method, request.URL.Path)
		return
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 got.Code, Header: got.Header(), Body: io.NopCloser(bytes.NewReader(got.Body.Bytes())),
		Options: &openapi3filter.Options{ExcludeResponseBody: got.Header().Get("Content-Type") == "text/event-stream",
			IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	require.NoError(f.t, err, "%s %s -> %d %.300s", request.Method, request.URL.Path, got.Code, got.Body)
}

// failure is the error of an answer in OpenAI's shape.
type failure struct {
	Error struct {
		Message, Type string
		Param, Code   *string
	}
}

func failed(t *testing.T, got *httptest.ResponseRecorder, status int) failure {
	t.Helper()
	require.Equal(t, status, got.Code, "%s", got.Body)
	require.Equal(t, "application/json", got.Header().Get("Content-Type"))
	var f failure
	require.NoError(t, json.Unmarshal(got.Body.Bytes(), &f))
	require.NotEmpty(t, f.Error.Message)
	require.NotEmpty(t, f.Error.Type)
	return f
}

func (f failure) code() string {
	if f.Error.Code == nil {
		return ""
	}
	return *f.Error.Code
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
