package examples_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

// bench is a worker on memory adapters, with its local API on the loopback.
type bench struct {
	t       *testing.T
	store   *memory.Store
	service *jobs.Service
}

// start runs a worker around a container that knows the local API.
func start(t *testing.T, c worker.Container, adjust func(*worker.Options)) *bench {
	t.Helper()
	store, queue, blobs := memory.NewStore(), memory.NewQueue(), memory.NewBlobs("http://blobs.test")
	b := &bench{t: t, store: store, service: jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Blobs: blobs})}
	var handler http.Handler
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	options := worker.Options{
		Name: "agent", Container: c, Timeout: time.Minute, Queue: queue, Blobs: blobs, API: api.URL + "/v1",
		Runner: jobs.NewRunner(jobs.RunnerOptions{Store: store, Queue: queue, MaxAttempts: 1000,
			Backoff: jobs.Backoff{Base: time.Millisecond, Max: time.Millisecond}}),
		PollWait: time.Second, StopTimeout: 5 * time.Second, LossGrace: 20 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	}
	if adjust != nil {
		adjust(&options)
	}
	w, err := worker.New(options)
	require.NoError(t, err)
	handler = w.LocalAPI()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		api.Close()
	})
	return b
}

func (b *bench) submit(contentType, input string) string {
	b.t.Helper()
	job, _, err := b.service.Submit(b.t.Context(), jobs.Submission{Tenant: "acme", Worker: "agent", ContentType: contentType, Input: []byte(input)})
	require.NoError(b.t, err)
	return job.ID
}

func (b *bench) job(id string) jobs.Job {
	b.t.Helper()
	job, err := b.service.Get(b.t.Context(), "acme", id)
	require.NoError(b.t, err)
	return job
}

// finished waits for the job's end, and calls meanwhile, if it is not nil.
func (b *bench) finished(id string, meanwhile func()) jobs.Job {
	b.t.Helper()
	var job jobs.Job
	require.Eventually(b.t, func() bool {
		if meanwhile != nil {
			meanwhile()
		}
		job = b.job(id)
		return job.State.Terminal()
	}, time.Minute, 2*time.Millisecond)
	return job
}

// steps are the keys of the steps that are stored.
func (b *bench) steps(id string) []string {
	steps, err := b.store.ListSteps(b.t.Context(), b.job(id).Held(), "", 1000)
	require.NoError(b.t, err)
	var keys []string
	for _, step := range steps {
		keys = append(keys, step.Key)
	}
	return keys
}

// testWriter shows what is logged with the test that it belongs to.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Logf("%s", strings.TrimSpace(string(line)))
	return len(line), nil
}

// process is a model container's program, which can be killed and comes up again.
type process struct {
	t       *testing.T
	args    []string
	environ []string
	address string

	mutex   sync.Mutex
	command *exec.Cmd
	ended   bool
}

// serve runs a program that listens on PORT and waits for its /ping.
func serve(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	p := &process{t: t, args: args, address: address, environ: append([]string{"HOST=127.0.0.1", "PORT=" + port, "PATH=" + os.Getenv("PATH")}, environ...)}
	t.Cleanup(p.end)
	p.start()
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + address + "/ping")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	}, 20*time.Second, 20*time.Millisecond)
	return p
}

func (p *process) start() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.ended {
		return
	}
	command := exec.Command(p.args[0], p.args[1:]...)
	command.Env, command.Stdout, command.Stderr = p.environ, io.Discard, os.Stderr
	require.NoError(p.t, command.Start())
	p.command = command
}

// kill is kill -9, after which the program starts again, as a container does.
func (p *process) kill() {
	p.mutex.Lock()
	_ = p.command.Process.Signal(syscall.SIGKILL)
	_ = p.command.Wait()
	p.mutex.Unlock()
	p.start()
}

func (p *process) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.ended = true
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

func (p *process) container() *container.Server {
	server, err := container.NewServer(container.ServerOptions{Endpoint: "http://" + p.address})
	require.NoError(p.t, err)
	return server
}

// python returns the interpreter, and skips the test where there is none.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	return path
}

// journal is the file in which an agent notes each step that really runs.
type journal string

func newJournal(t *testing.T) journal { return journal(filepath.Join(t.TempDir(), "journal")) }

func (j journal) lines() []string {
	raw, _ := os.ReadFile(string(j))
	return strings.Fields(string(raw))
}
