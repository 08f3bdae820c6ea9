// Package function hands events to the binaries of Lambda functions, as the
// Lambda runtime API does
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, 2026-11-24).
// An instance takes one event at a time and may die meanwhile; its caller then
// hears of an error, as API Gateway does.
package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// ErrDied means that the instance died before it answered.
var ErrDied = errors.New("the function died")

// ErrFailed means that the function reported an error.
var ErrFailed = errors.New("the function failed")

// Function is any number of instances that share events.
type Function struct {
	listener net.Listener
	server   *http.Server
	events   chan *event

	mutex   sync.Mutex
	count   int
	pending map[string]*event
	dead    map[string]bool
}

type event struct {
	id, instance string
	payload      []byte
	limit        time.Duration
	answer       chan result
}

type result struct {
	body []byte
	err  error
}

// New makes a function without instances.
func New() (*Function, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the Lambda runtime API: %w", err)
	}
	f := &Function{listener: listener, events: make(chan *event), pending: map[string]*event{}, dead: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{instance}/2018-06-01/runtime/invocation/next", f.next)
	mux.HandleFunc("POST /{instance}/2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		f.answered(w, r, nil)
	})
	mux.HandleFunc("POST /{instance}/2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		f.answered(w, r, ErrFailed)
	})
	f.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = f.server.Serve(listener) }() // until it is closed
	return f, nil
}

// Address is AWS_LAMBDA_RUNTIME_API for one instance, of a name of its own for
// each start.
func (f *Function) Address(instance string) string {
	return f.listener.Addr().String() + "/" + instance
}

// Close stops serving.
func (f *Function) Close() { f.server.Close() }

// Died tells that an instance is gone, and fails what it had taken.
func (f *Function) Died(instance string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.dead[instance] = true
	for id, e := range f.pending {
		if e.instance == instance {
			delete(f.pending, id)
			e.answer <- result{err: ErrDied}
		}
	}
}

// Invoke hands an event to an instance that is free, waits for one if need be,
// and returns what it answers within the limit.
func (f *Function) Invoke(ctx context.Context, payload []byte, limit time.Duration) ([]byte, error) {
	f.mutex.Lock()
	f.count++
	e := &event{id: strconv.Itoa(f.count), payload: payload, limit: limit, answer: make(chan result, 1)}
	f.mutex.Unlock()
	select {
	case f.events <- e:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-e.answer:
		return got.body, got.err
	case <-timer.C:
		return nil, fmt.Errorf("%w: it did not answer within %v", ErrFailed, limit)
	}
}

func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	instance := r.PathValue("instance")
	select {
	case e := <-f.events:
		f.mutex.Lock()
		defer f.mutex.Unlock()
		if f.dead[instance] || r.Context().Err() != nil {
			e.answer <- result{err: ErrDied}
			return
		}
		e.instance = instance
		f.pending[e.id] = e
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", e.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(e.limit).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:fault")
		_, _ = w.Write(e.payload)
	case <-r.Context().Done():
	}
}

func (f *Function) answered(w http.ResponseWriter, r *http.Request, failed error) {
	body, err := io.ReadAll(r.Body)
	f.mutex.Lock()
	e := f.pending[r.PathValue("id")]
	delete(f.pending, r.PathValue("id"))
	f.mutex.Unlock()
	if e == nil || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if failed != nil {
		failed = fmt.Errorf("%w: %s", failed, body)
	}
	e.answer <- result{body: body, err: failed}
	w.WriteHeader(http.StatusAccepted)
}
