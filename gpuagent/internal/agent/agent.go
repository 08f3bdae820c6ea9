package agent

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/storm"
	"tandem/runtime/nodestatus"
)

// Devices reads all GPUs of the host, by index. Its error wraps one of
// observe's where that is the cause. It may take long, or for ever.
type Devices interface {
	Devices(ctx context.Context) ([]observe.Device, error)
}

// Notices asks EC2 what it has announced. Outside EC2 it fails each time.
type Notices interface {
	Notices(ctx context.Context) (observe.Notices, error)
}

// Tasks asks ECS's agent which tasks run on this host.
type Tasks interface {
	Tasks(ctx context.Context) ([]observe.Task, error)
}

// Actor does something about a judgement. Update returns at once.
type Actor interface {
	Update(judgement health.Judgement, notices observe.Notices)
	Report() act.Report
}

// Facts about the host that do not change while it runs.
type Facts struct {
	InstanceType string
	// ExpectedDevices is how many GPUs the type has; zero where not known.
	ExpectedDevices int
}

// Options of an [Agent].
type Options struct {
	// Devices of the host. Required.
	Devices Devices
	// Notices of EC2. Defaults to none.
	Notices Notices
	// Tasks of the host. Defaults to none.
	Tasks Tasks
	// Facts finds out what the host is; it is asked until it answers. Defaults to nothing known.
	Facts func(context.Context) (Facts, error)
	// DriverVersion is shown. Defaults to none.
	DriverVersion func() string
	// Checks to judge by. Required.
	Checks []checks.Check
	// Publish writes the status for workers. Required.
	Publish func(nodestatus.Status) error
	// Actor does something about the judgement. Defaults to nobody.
	Actor Actor
	// Memory of an agent that ran before, and Remember, which keeps it for the
	// next. Default to none.
	Memory   Memory
	Remember func(Memory) error

	// Every is how often the devices are polled; what the driver tells by itself
	// is judged at once. Defaults to 5s.
	Every time.Duration
	// NoticesEvery is how often EC2 is asked. Defaults to 1s, so that of the two
	// minutes of a spot notice one second is lost at most.
	NoticesEvery time.Duration
	// TasksEvery is how often ECS's agent is asked. Defaults to 15s.
	TasksEvery time.Duration
	// Limit is how long one look at the devices may take before the driver counts
	// as hung. A source with a limit of its own is quicker. Defaults to 15s, for
	// the first look, which may have to wake the driver, to 45s.
	Limit time.Duration
	// Refresh writes an unchanged status again, so that readers see that the agent
	// lives. Defaults to 10s.
	Refresh time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
	// Log. Defaults to silence.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	orElse(&o.Every, 5*time.Second)
	orElse(&o.NoticesEvery, time.Second)
	orElse(&o.TasksEvery, 15*time.Second)
	orElse(&o.Limit, 15*time.Second)
	orElse(&o.Refresh, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func orElse(value *time.Duration, fallback time.Duration) {
	if *value == 0 {
		*value = fallback
	}
}

// queue of events that wait for the loop. Storms are collapsed before it, so
// that only a driver which invents hundreds of codes at once can fill it.
const queue = 1024

// Agent watches one host.
type Agent struct {
	options  Options
	snapshot atomic.Pointer[Snapshot]
	storms   *storm.Collapser
	events   chan observe.Event
	dropped  atomic.Uint64
	// sooner asks for a look before its turn.
	sooner chan struct{}
	// looking is when the look under way began, in nanoseconds; zero between looks.
	looking atomic.Int64
}

// New makes an agent whose snapshot says INITIALIZING until it has looked once.
func New(options Options) *Agent {
	options = options.withDefaults()
	a := &Agent{options: options, events: make(chan observe.Event, queue), sooner: make(chan struct{}, 1)}
	a.storms = storm.New(storm.Options{Tell: a.enqueue})
	a.snapshot.Store(&Snapshot{
		Status:   nodestatus.Status{State: nodestatus.Initializing, Reasons: []string{"STARTING"}, Updated: options.Now()},
		Health:   health.Judgement{State: nodestatus.Initializing, Reason: "STARTING", Since: options.Now()},
		Counters: Counters{Started: options.Now()},
	})
	return a
}

// Snapshot returns what was seen last, without asking anybody.
func (a *Agent) Snapshot() *Snapshot { return a.snapshot.Load() }

// Tell takes an event of a source, from any goroutine. It does not block, and
// makes one event of a storm.
func (a *Agent) Tell(event observe.Event) { a.storms.Take(event) }

func (a *Agent) enqueue(event observe.Event) {
	select {
	case a.events <- event:
	default:
		a.dropped.Add(1)
	}
}

// Run watches until the context ends. A call into a hung driver may outlive it.
func (a *Agent) Run(ctx context.Context) error {
	loop := newLoop(a)
	var polls sync.WaitGroup
	go a.pollDevices(ctx, loop.looks)
	if a.options.Notices != nil {
		polls.Go(func() { a.pollNotices(ctx, loop.notices) })
	}
	if a.options.Tasks != nil {
		polls.Go(func() { a.pollTasks(ctx, loop.tasks) })
	}
	if a.options.Facts != nil {
		polls.Go(func() { a.findFacts(ctx, loop.facts) })
	}
	loop.run(ctx)
	polls.Wait()
	return nil
}
