package act

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
)

// Options of an [Actor].
type Options struct {
	// Mode is Observe or Protect. Defaults to Observe.
	Mode string
	// Cluster and Group are required to protect.
	Cluster Cluster
	Group   Group
	// Places of the breaker. Defaults to counting the cluster's draining instances
	// before and after.
	Places Places
	// Spare capacity for recommendations. Defaults to none, so that none is followed.
	Spare Spare
	// Share of the cluster's instances that may be drained at a time; at least one
	// may. Defaults to 0.2.
	Share float64
	// DrainLimit is how long tasks may take to leave. Defaults to 30m.
	DrainLimit time.Duration
	// RebalanceExpires is how long a recommendation is followed. Defaults to 15m.
	RebalanceExpires time.Duration
	// OwnTasks are the tasks that remain on a drained host: the agent's own, where
	// it runs as one. Defaults to none.
	OwnTasks int
	// Cooldown after a drain was taken back before the next may begin. Defaults to 10m.
	Cooldown time.Duration
	// Memory of the actor before this one.
	Memory Memory
	// Jitter returns a number from 0 to 1, by which agents that all turn sick at
	// once are spread. Defaults to 0.5.
	Jitter func() float64
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
	// Log. Defaults to silence.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Mode == "" {
		o.Mode = Observe
	}
	if o.Share <= 0 {
		o.Share = 0.2
	}
	for value, fallback := range map[*time.Duration]time.Duration{
		&o.DrainLimit: 30 * time.Minute, &o.RebalanceExpires: 15 * time.Minute, &o.Cooldown: 10 * time.Minute,
	} {
		if *value == 0 {
			*value = fallback
		}
	}
	if o.Jitter == nil {
		o.Jitter = func() float64 { return 0.5 }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Actor acts for one host.
type Actor struct {
	options Options
	// latest judgement, and wake after each change of what it asks for.
	latest atomic.Pointer[input]
	wake   chan struct{}
	report atomic.Pointer[Report]
	// announced is closed when EC2 takes the instance back.
	announced chan struct{}
	once      sync.Once

	// calls belongs to counting.
	counting        sync.Mutex
	calls, failures map[string]uint64

	// The rest belongs to Run.
	phase      Phase
	since      time.Time
	reason     string
	blocked    string
	recovered  bool
	instance   Instance
	renewed    time.Time
	marked     time.Time
	cooledBy   time.Time
	turn       time.Time
	wellSince  time.Time
	failedOnce int
	// considered is the wish that the last step followed.
	considered wish
}

type input struct {
	verdict health.Judgement
	notices observe.Notices
}

// New makes an actor that waits for its first judgement.
func New(options Options) *Actor {
	a := &Actor{
		options: options.withDefaults(), wake: make(chan struct{}, 1), announced: make(chan struct{}),
		calls: map[string]uint64{}, failures: map[string]uint64{}, phase: Watching,
	}
	a.since = a.options.Now()
	a.show()
	return a
}

// Update tells the latest judgement. It returns at once.
func (a *Actor) Update(verdict health.Judgement, notices observe.Notices) {
	a.latest.Store(&input{verdict, notices})
	if notices.Spot != nil {
		a.once.Do(func() { close(a.announced) })
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Report is what is being done.
func (a *Actor) Report() Report { return *a.report.Load() }

// show publishes what is being done.
func (a *Actor) show() {
	a.counting.Lock()
	calls, failures := maps.Clone(a.calls), maps.Clone(a.failures)
	a.counting.Unlock()
	next := Report{Mode: a.options.Mode, Phase: a.phase, Since: a.since, Reason: a.reason, Blocked: a.blocked, Calls: calls, Failures: failures}
	if a.options.Mode != Protect {
		next.Would = a.wish().would()
	}
	a.report.Store(&next)
}

func (a *Actor) wish() wish {
	latest := a.latest.Load()
	if latest == nil {
		return wish{hold, ""}
	}
	drainingFor := ""
	if a.phase == Draining || a.phase == Replacing {
		drainingFor = a.reason
	}
	return wanted(latest.verdict, latest.notices, a.options.Now(), a.options.RebalanceExpires, drainingFor)
}

// callLimit of one call to AWS.
const callLimit = 10 * time.Second

// call makes one call to AWS, counted by its name.
func (a *Actor) call(ctx context.Context, name string, do func(context.Context) error) error {
	limited, stop := context.WithTimeout(ctx, callLimit)
	defer stop()
	err := do(limited)
	a.counting.Lock()
	defer a.counting.Unlock()
	a.calls[name]++
	if err != nil {
		a.failures[name]++
	}
	return err
}

// enter a phase, and say so.
func (a *Actor) enter(phase Phase, reason string) {
	if a.phase == phase && a.reason == reason {
		return
	}
	if a.phase != phase {
		a.since = a.options.Now()
	}
	a.options.Log.Warn("acting", "phase", phase, "before", a.phase, "reason", reason, "instance", a.instance.ID)
	a.phase, a.reason = phase, reason
	if phase != Waiting {
		a.blocked = ""
	}
	a.show()
}

// block says what keeps the host from being drained.
func (a *Actor) block(reason, why string) {
	a.enter(Waiting, reason)
	if a.blocked != why {
		a.blocked = why
		a.options.Log.Warn("may not drain", "reason", reason, "blocked", why)
	}
}
