package worker_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

// bench is a store, a queue and workers in one bubble of fake time.
type bench struct {
	t       *testing.T
	store   *memory.Store
	queue   *countingQueue
	blobs   *memory.Blobs
	service *jobs.Service
	logs    *logs
}

// inBubble runs a test in fake time; workers started by it end with it.
func inBubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, store: memory.NewStore(), blobs: memory.NewBlobs("http://blobs.test"), logs: &logs{}}
		b.queue = &countingQueue{Queue: memory.NewQueue(), calls: map[string]int{}}
		b.service = jobs.NewService(jobs.ServiceOptions{Store: b.store, Queue: b.queue, Blobs: b.blobs})
		test(t, b)
	})
}

// submit accepts jobs and returns their ids.
func (b *bench) submit(submissions ...jobs.Submission) []string {
	b.t.Helper()
	var ids []string
	for _, submission := range submissions {
		submission.Tenant, submission.Worker = "acme", "analyse"
		job, _, err := b.service.Submit(b.t.Context(), submission)
		require.NoError(b.t, err)
		ids = append(ids, job.ID)
	}
	return ids
}

func (b *bench) submitOne(input string) string {
	b.t.Helper()
	return b.submit(jobs.Submission{Input: []byte(input)})[0]
}

func (b *bench) job(id string) jobs.Job {
	b.t.Helper()
	job, err := b.service.Get(b.t.Context(), "acme", id)
	require.NoError(b.t, err)
	return job
}

// logs of all workers together.
type logs struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// running is a worker that has been started.
type running struct {
	*worker.Worker
	bench *bench
	// sigterm is the signal; killed cuts it off from the world without a word.
	sigterm context.CancelFunc
	cutOff  *cutOff
	done    chan error
}

// start runs a worker around a container until the test ends.
func (b *bench) start(c worker.Container, adjust ...func(*worker.Options)) *running {
	b.t.Helper()
	cut := &cutOff{}
	options := worker.Options{
		Name: "analyse", Owner: "task/1", Container: c, Timeout: time.Hour, Blobs: b.blobs,
		Queue: cut.queue(b.queue),
		Runner: jobs.NewRunner(jobs.RunnerOptions{Store: cut.store(b.store), Queue: b.queue,
			Backoff: jobs.Backoff{Random: func() float64 { return 0.5 }}}),
		Log: slog.New(slog.NewJSONHandler(b.logs, nil)),
	}
	for _, change := range adjust {
		change(&options)
	}
	w, err := worker.New(options)
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Worker: w, bench: b, sigterm: cancel, cutOff: cut, done: make(chan error, 1)}
	go func() { r.done <- w.Run(ctx) }()
	b.t.Cleanup(func() {
		cut.restore()
		cancel()
		if err := <-r.done; err != nil {
			b.t.Log("the worker ended with", err)
		}
	})
	return r
}

// kill is kill -9: nothing that the worker says arrives any more.
func (r *running) kill() { r.cutOff.cut() }

// ended waits for the worker's end and leaves it for the cleanup.
func (r *running) ended() error {
	err := <-r.done
	r.done <- err
	return err
}

// after lets fake time pass and everything come to rest.
func after(wait time.Duration) {
	time.Sleep(wait)
	synctest.Wait()
}

// call is one request of the container to the local API.
func (r *running) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	r.LocalAPI().ServeHTTP(recorder, request)
	return recorder
}

// fake is a model container: what it does with a job is a function.
type fake struct {
	do   func(ctx context.Context, call container.Call) (string, error)
	ping func() error

	mutex sync.Mutex
	calls []container.Call
}

func does(do func(ctx context.Context, call container.Call) (string, error)) *fake {
	return &fake{do: do}
}

// echo answers with the input.
func echo() *fake {
	return does(func(_ context.Context, call container.Call) (string, error) {
		input, err := io.ReadAll(call.Input)
		return string(input), err
	})
}

// takes works for so long, unless it is cut.
func takes(long time.Duration) *fake {
	return does(func(ctx context.Context, _ container.Call) (string, error) {
		select {
		case <-time.After(long):
			return "done", nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	})
}

// yields works until it is told to stop, and then says that it did not finish.
func yields() *fake {
	return does(func(ctx context.Context, call container.Call) (string, error) {
		select {
		case <-call.Stop:
			return "", &container.Failure{Status: 503, What: "POST /invocations answered"}
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	})
}

func (f *fake) Ping(context.Context) error {
	if f.ping == nil {
		return nil
	}
	return f.ping()
}

func (f *fake) Invoke(ctx context.Context, call container.Call) (container.Answer, error) {
	f.mutex.Lock()
	f.calls = append(f.calls, call)
	f.mutex.Unlock()
	answer, err := f.do(ctx, call)
	if err != nil {
		return container.Answer{}, err
	}
	return container.Answer{ContentType: "text/plain", Size: int64(len(answer)), Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// seen are the jobs that the container was given, in order.
func (f *fake) seen() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var ids []string
	for _, call := range f.calls {
		ids = append(ids, call.Job)
	}
	return ids
}

// countingQueue counts calls by kind.
type countingQueue struct {
	jobs.Queue
	mutex sync.Mutex
	calls map[string]int
}

func (q *countingQueue) count(kind string) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.calls[kind]++
}

func (q *countingQueue) counted(kind string) int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.calls[kind]
}

func (q *countingQueue) Send(ctx context.Context, lane jobs.Lane, m jobs.Message, delay time.Duration) error {
	if m.Watch {
		q.count("watch")
	}
	q.count("send")
	return q.Queue.Send(ctx, lane, m, delay)
}

func (q *countingQueue) Receive(ctx context.Context, lane jobs.Lane, max int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	q.count("receive")
	return q.Queue.Receive(ctx, lane, max, wait, visibility)
}

// One call of ChangeVisibility or Delete is one of SQS for each ten messages.
func (q *countingQueue) ChangeVisibility(ctx context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error {
	for range slices.Chunk(changes, 10) {
		q.count("hide")
	}
	return q.Queue.ChangeVisibility(ctx, lane, changes)
}

func (q *countingQueue) Delete(ctx context.Context, lane jobs.Lane, receipts []string) error {
	for range slices.Chunk(receipts, 10) {
		q.count("delete")
	}
	return q.Queue.Delete(ctx, lane, receipts)
}

// guarded is a variable that a test and its container share.
type guarded[T any] struct {
	mutex sync.Mutex
	value T
}

func (g *guarded[T]) set(value T) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.value = value
}

func (g *guarded[T]) get() T {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.value
}
