package worker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker/container"
	"tandem/runtime/worker/ecstask"
	"tandem/runtime/worker/localapi"
)

// Container runs one job; *container.Server and *container.Command are ones.
type Container interface {
	// Ping returns nil when jobs are taken.
	Ping(ctx context.Context) error
	// Invoke hands over one job. See the package container for its errors.
	Invoke(ctx context.Context, call container.Call) (container.Answer, error)
}

// Queue is what a worker needs of a [jobs.Queue].
type Queue interface {
	Receive(ctx context.Context, lane jobs.Lane, max int, wait, visibility time.Duration) ([]jobs.Delivery, error)
	ChangeVisibility(ctx context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error
	Delete(ctx context.Context, lane jobs.Lane, receipts []string) error
}

// Task is what ECS says of the task; *ecstask.Agent tells it.
type Task interface {
	Task(ctx context.Context) (ecstask.Task, error)
}

// Protector keeps ECS from stopping a busy task; *ecstask.Agent does.
type Protector interface {
	Protect(ctx context.Context) error
	Unprotect(ctx context.Context) error
}

// Options make a worker. The first group is required.
type Options struct {
	// Name of the worker in the configuration.
	Name string
	// Runner speaks for the worker to the store.
	Runner *jobs.Runner
	// Queue wakes the worker.
	Queue Queue
	// Blobs keeps inputs, results and checkpoints.
	Blobs localapi.Blobs
	// Container runs the jobs.
	Container Container
	// Timeout ends an attempt.
	Timeout time.Duration

	// Priorities, highest first. Defaults to high, normal, low.
	Priorities []jobs.Priority
	// Owner names this task in leases, "<task>/<revision>" and more: see
	// fleetreport.Owner. Defaults to host and process id.
	Owner string
	// Slots is how many jobs run at once. Defaults to 1.
	Slots int
	// Exec says that the container is a command, which gets SIGTERM when it
	// should stop: whatever it answers after that is not a result.
	Exec bool
	// StopTimeout is how long a container may take to stop after SIGTERM. The
	// process needs up to five seconds more. Defaults to 85 s.
	StopTimeout time.Duration
	// CancelGrace is how long a container may take to stop a job that was
	// cancelled. Defaults to 10 s.
	CancelGrace time.Duration
	// PollWait is how long one receive waits for a message, at most 20 s. Defaults to 20 s.
	PollWait time.Duration
	// PingEvery is how often the container is asked for its health. Defaults to 10 s.
	PingEvery time.Duration
	// StartLimit is how long the container may take until it first answers /ping. Defaults to 30 min.
	StartLimit time.Duration
	// LossGrace is how long the loss of a container may stay unexplained before it
	// counts as a crash rather than as the beginning of a shutdown. Defaults to 5 s.
	LossGrace time.Duration
	// GPUs are the UUIDs of the container's devices; empty where the worker does
	// not know them, and then any sick GPU of the host concerns it.
	GPUs []string
	// API is the base URL of the local API, as the container is told. Defaults to
	// http://127.0.0.1:9410/v1.
	API string
	// Protector is asked before each claim. Defaults to none.
	Protector Protector
	// Task tells a stopped container from a crashed one. Defaults to none.
	Task Task
	// Clock tells server time, the Runner's. Defaults to the system's.
	Clock jobs.Clock
	// Succeeded is told how long a job took that succeeded in one go: what the
	// capacity controller expects of those that come. Defaults to nobody.
	Succeeded func(took time.Duration)
	// Metrics to count in. Defaults to ones that nobody reads.
	Metrics *Metrics
	// Log. Defaults to silence.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	def := func(target *time.Duration, value time.Duration) {
		if *target <= 0 {
			*target = value
		}
	}
	def(&o.StopTimeout, 85*time.Second)
	def(&o.CancelGrace, 10*time.Second)
	def(&o.PollWait, 20*time.Second)
	def(&o.PingEvery, 10*time.Second)
	def(&o.StartLimit, 30*time.Minute)
	def(&o.LossGrace, 5*time.Second)
	if len(o.Priorities) == 0 {
		o.Priorities = []jobs.Priority{jobs.High, jobs.Normal, jobs.Low}
	}
	if o.Slots <= 0 {
		o.Slots = 1
	}
	if o.Owner == "" {
		host, _ := os.Hostname()
		o.Owner = host + "-" + strconv.Itoa(os.Getpid()) + "/0"
	}
	if o.API == "" {
		o.API = "http://127.0.0.1:9410/v1"
	}
	if o.Clock == nil {
		o.Clock = jobs.ClockFunc(time.Now)
	}
	if o.Succeeded == nil {
		o.Succeeded = func(time.Duration) {}
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) validate() error {
	var missing []error
	for name, given := range map[string]bool{
		"Name": o.Name != "", "Runner": o.Runner != nil, "Queue": o.Queue != nil,
		"Blobs": o.Blobs != nil, "Container": o.Container != nil, "Timeout": o.Timeout > 0,
	} {
		if !given {
			missing = append(missing, errors.New("worker: Options."+name+" is required"))
		}
	}
	for _, priority := range o.Priorities {
		if !priority.Valid() {
			missing = append(missing, errors.New("worker: unknown priority "+string(priority)))
		}
	}
	return errors.Join(missing...)
}
