package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
	keymemory "tandem/runtime/keys/memory"
)

// Tenant that the printed key belongs to.
const Tenant = "local"

// Options of a local deployment.
type Options struct {
	// Port of the API on 127.0.0.1; 0 takes a free one.
	Port int
	// Workers that jobs may be submitted to. Required.
	Workers []Worker
	// Model is the endpoint of what runs the jobs of all of them, such as
	// http://127.0.0.1:8080. Required.
	Model string
	// Router finds who answers for models. Required.
	Router modelsapi.Router
	// ModelTimeout is what an answer of a model may take in one piece. Defaults to 2 min.
	ModelTimeout time.Duration
	// Application and Environment name the deployment in /healthz.
	Application, Environment string
	// SweepEvery is how often stranded jobs are looked for. Defaults to 5 s.
	SweepEvery time.Duration
	// Log is required.
	Log *slog.Logger
}

// Worker is one worker, as its configuration says.
type Worker struct {
	// Name that jobs are submitted to.
	Name string
	// Slots is how many jobs it runs at once.
	Slots int
	// Timeout ends an attempt.
	Timeout time.Duration
	// MaxAttempts counts failures.
	MaxAttempts int
	// Priorities, highest first. Defaults to high, normal, low.
	Priorities []jobs.Priority
}

func (w Worker) lanes() []jobs.Lane {
	priorities := w.Priorities
	if len(priorities) == 0 {
		priorities = []jobs.Priority{jobs.High, jobs.Normal, jobs.Low}
	}
	lanes := make([]jobs.Lane, len(priorities))
	for i, priority := range priorities {
		lanes[i] = jobs.Lane{Worker: w.Name, Priority: priority}
	}
	return lanes
}

// Ready is what one needs to use a local deployment.
type Ready struct {
	// URL where the API begins.
	URL string `json:"url"`
	// Key to call it with, of the tenant "local".
	Key string `json:"key"`
	// Workers that jobs may be submitted to.
	Workers []string `json:"workers"`
	// Models that may be asked.
	Models []string `json:"models"`
	// WebhookSecret by which a receiver checks the signature of webhooks.
	WebhookSecret string `json:"webhookSecret"`
}

// deployment is everything that the parts share.
type deployment struct {
	Options
	store *memory.Store
	queue *memory.Queue
	blobs *memory.Blobs
	keys  *keymemory.Store
	lanes []jobs.Lane
	url   string
	// master is what webhook signing keys are derived from.
	master string
}

// Run serves until the context ends, and then lets running jobs stop. Ready is
// called once requests are answered.
func Run(ctx context.Context, options Options, ready func(Ready)) error {
	if options.ModelTimeout == 0 {
		options.ModelTimeout = 2 * time.Minute
	}
	if options.SweepEvery == 0 {
		options.SweepEvery = 5 * time.Second
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(options.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is taken: choose another by --port", options.Port)
	}
	if err != nil {
		return fmt.Errorf("listening on port %d: %w", options.Port, err)
	}
	d := newDeployment(options, "http://"+listener.Addr().String())
	told, err := d.credentials(ctx)
	if err != nil {
		listener.Close()
		return err
	}
	// The API stops taking requests first, then the workers give up their jobs.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, len(options.Workers)+1)
	var parts sync.WaitGroup
	parts.Go(func() { failed <- d.serve(ctx, listener) })
	for _, worker := range options.Workers {
		parts.Go(func() { failed <- d.work(ctx, worker) })
	}
	parts.Go(func() { d.sweep(ctx) })
	parts.Go(func() { d.deliver(ctx) })
	ready(told)
	select {
	case <-ctx.Done():
	case err = <-failed:
		stop()
	}
	parts.Wait()
	return err
}

func newDeployment(options Options, url string) *deployment {
	d := &deployment{Options: options, url: url, keys: &keymemory.Store{}, store: memory.NewStore(), blobs: memory.NewBlobs(url + "/blobs")}
	for _, worker := range options.Workers {
		d.lanes = append(d.lanes, worker.lanes()...)
	}
	d.queue = memory.NewQueue(d.lanes...)
	return d
}

// serve answers requests until the context ends.
func (d *deployment) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: d.handler(), ReadHeaderTimeout: 10 * time.Second,
		// Streams of events end with it.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving the API: %w", err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(limit) != nil {
		_ = server.Close()
	}
	return nil
}
