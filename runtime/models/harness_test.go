package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/settings"
)

// place is a route that does what it is told.
type place struct {
	mu    sync.Mutex
	calls int
	// keys that it was called with.
	keys []string
	// do answers the call'th request, counted from 0. Defaults to well.
	do func(ctx context.Context, call int, request models.Request) error
	// chunks of its streams; the error comes after them, io.EOF by default.
	chunks []string
	after  error
	// hang stops a stream after its chunks until the context ends.
	hang   bool
	closed int
}

func (p *place) begin(ctx context.Context, request models.Request) error {
	p.mu.Lock()
	call := p.calls
	p.calls++
	p.keys = append(p.keys, request.Key)
	do := p.do
	p.mu.Unlock()
	if do == nil {
		return nil
	}
	return do(ctx, call, request)
}

func (p *place) called() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

var used = models.Usage{Input: 10, Output: 5}

func (p *place) Chat(ctx context.Context, request models.Request) (*models.Reply, error) {
	if err := p.begin(ctx, request); err != nil {
		return nil, err
	}
	return &models.Reply{Body: json.RawMessage(fmt.Sprintf(`{"by":%q}`, request.Model)), Usage: used}, nil
}

func (p *place) Embeddings(ctx context.Context, request models.Request) (*models.Reply, error) {
	return p.Chat(ctx, request)
}

func (p *place) ChatStream(ctx context.Context, request models.Request) (models.Stream, error) {
	if err := p.begin(ctx, request); err != nil {
		return nil, err
	}
	return &stream{ctx: ctx, place: p}, nil
}

type stream struct {
	ctx   context.Context
	place *place
	next  int
}

func (s *stream) Next() (json.RawMessage, error) {
	if s.next < len(s.place.chunks) {
		s.next++
		return json.RawMessage(s.place.chunks[s.next-1]), nil
	}
	if s.place.hang {
		<-s.ctx.Done()
		return nil, s.ctx.Err()
	}
	if s.place.after != nil {
		return nil, s.place.after
	}
	return nil, io.EOF
}

func (s *stream) Usage() models.Usage {
	if s.next == len(s.place.chunks) && s.place.after == nil && !s.place.hang {
		return used
	}
	return models.Usage{}
}

func (s *stream) Close() error {
	s.place.mu.Lock()
	defer s.place.mu.Unlock()
	s.place.closed++
	return nil
}

const (
	start = `{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}`
	token = `{"choices":[{"delta":{"content":"word"},"finish_reason":null}]}`
	end   = `{"choices":[{"delta":{},"finish_reason":"stop"}]}`
)

// always fails every call alike.
func always(err error) func(context.Context, int, models.Request) error {
	return func(context.Context, int, models.Request) error { return err }
}

// failing fails the first calls.
func failing(times int, err error) func(context.Context, int, models.Request) error {
	return func(_ context.Context, call int, _ models.Request) error {
		if call < times {
			return err
		}
		return nil
	}
}

// hanging waits for the context.
func hanging(ctx context.Context, _ int, _ models.Request) error {
	<-ctx.Done()
	return ctx.Err()
}

func status(code int) *models.Error {
	return &models.Error{Status: code, Type: "recorded", Message: "recorded message"}
}

var errRefused = errors.New("dial tcp: connection refused")

// meter keeps what it is told.
type meter struct {
	mu      sync.Mutex
	records []models.Served
	errs    []error
}

func (m *meter) Record(_ string, served models.Served, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records, m.errs = append(m.records, served), append(m.errs, err)
}

// bench is a router over places, tried in order, of the model smart.
type bench struct {
	*models.Router
	meter *meter
}

// newBench makes the routes r0, r1... to places; those of services are named so
// by the index.
func newBench(t *testing.T, options models.Options, places ...*place) *bench {
	t.Helper()
	byModel := map[string]*place{}
	var routes []settings.Route
	for i, p := range places {
		route := settings.Route{Name: fmt.Sprintf("p%d", i), Type: "openai", Model: fmt.Sprintf("r%d", i)}
		byModel[route.Model] = p
		routes = append(routes, route)
	}
	if options.Routes == nil {
		options.Routes = settings.Routes{"smart": {Routes: routes}}
	}
	connect := func(route settings.Route) (models.Provider, error) { return byModel[route.Model], nil }
	options.Connect = map[string]models.Connect{"openai": connect, "service": connect}
	m := &meter{}
	if options.Meter == nil {
		options.Meter = m
	}
	if options.Rand == nil {
		options.Rand = func() float64 { return 1 }
	}
	router, err := models.New(options)
	require.NoError(t, err)
	return &bench{router, m}
}

var call = models.Call{Tenant: "acme", Model: "smart", Body: json.RawMessage(`{"model":"smart","messages":[{"role":"user","content":"hello"}]}`)}

// by asks for an answer and returns which route gave it.
func (b *bench) by(t *testing.T) string {
	t.Helper()
	answer, err := b.Chat(t.Context(), call)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"by":%q}`, answer.Served.UpstreamModel), string(answer.Body))
	return answer.Served.UpstreamModel
}

// refused asks for an answer and returns the error.
func (b *bench) refused(t *testing.T) *models.Error {
	t.Helper()
	_, err := b.Chat(t.Context(), call)
	var answered *models.Error
	require.ErrorAs(t, err, &answered)
	return answered
}

// within is a context with a deadline.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
