// Package wake starts the capacity controller when a job has met an idle fleet,
// so that the first job does not wait for the controller's next minute.
//
// What it decides, in the process and without a call: that a worker is woken
// once in a few seconds at most, with one run more after the last call, and not
// at all while the worker is known to have tasks. What the controller then does
// is decided in runtime/capacity.
package wake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Invoker starts a run of the controller and does not wait for it.
type Invoker interface {
	Invoke(ctx context.Context, worker string) error
}

// Fleet tells how many tasks of a worker run or have been asked for, as the
// controller saw it last.
type Fleet interface {
	Tasks(ctx context.Context, worker string) (int, error)
}

// Options of a [Waker].
type Options struct {
	// Invoker is required.
	Invoker Invoker
	// Fleet is asked before a run is started. Defaults to always starting it.
	Fleet Fleet
	// Every is the least time between two runs for one worker. Defaults to 5 s.
	Every time.Duration
	// Timeout bounds one call of the Invoker and of the Fleet. Defaults to 2 s.
	Timeout time.Duration
	// Remember is how long an answer of Fleet that there are tasks is believed.
	// Defaults to 20 s: a fleet that has gone to sleep meanwhile is woken by the
	// controller's own next minute.
	Remember time.Duration
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Waker wakes workers. It is safe for concurrent use.
type Waker struct {
	options Options
	mu      sync.Mutex
	workers map[string]*worker
}

// worker is what is known of one worker. A time is zero until it has come.
type worker struct {
	woken    time.Time
	awake    time.Time
	trailing bool
}

// New makes a Waker.
func New(options Options) *Waker {
	if options.Every == 0 {
		options.Every = 5 * time.Second
	}
	if options.Timeout == 0 {
		options.Timeout = 2 * time.Second
	}
	if options.Remember == 0 {
		options.Remember = 20 * time.Second
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Waker{options: options, workers: map[string]*worker{}}
}

// Wake says that a job waits for a worker. The first call in a while starts a
// run before it returns, because a Lambda function stands still between
// requests; calls soon after it together start one more when the time is up.
func (w *Waker) Wake(ctx context.Context, name string) {
	if w.due(name) {
		w.run(ctx, name)
	}
}

// due decides whether this call is the one that starts a run.
func (w *Waker) due(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	known := w.workers[name]
	if known == nil {
		known = &worker{}
		w.workers[name] = known
	}
	if !known.awake.IsZero() && now.Sub(known.awake) < w.options.Remember {
		return false
	}
	if known.woken.IsZero() || now.Sub(known.woken) >= w.options.Every {
		// A run after the last call that is due as well is this one: in a Lambda
		// function its timer may have stood still.
		known.woken, known.trailing = now, false
		return true
	}
	if !known.trailing {
		known.trailing = true
		time.AfterFunc(w.options.Every-now.Sub(known.woken), func() { w.trail(name) })
	}
	return false
}

// trail is the run after the last call.
func (w *Waker) trail(name string) {
	w.mu.Lock()
	known := w.workers[name]
	pending := known.trailing
	if pending {
		known.woken, known.trailing = time.Now(), false
	}
	w.mu.Unlock()
	if pending {
		w.run(context.Background(), name)
	}
}

func (w *Waker) run(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.options.Timeout)
	defer cancel()
	if w.hasTasks(ctx, name) {
		return
	}
	if err := w.options.Invoker.Invoke(ctx, name); err != nil {
		// The controller runs each minute anyway.
		w.options.Log.WarnContext(ctx, "worker not woken", "worker", name, "error", err)
	}
}

func (w *Waker) hasTasks(ctx context.Context, name string) bool {
	if w.options.Fleet == nil {
		return false
	}
	tasks, err := w.options.Fleet.Tasks(ctx, name)
	if err != nil {
		w.options.Log.WarnContext(ctx, "fleet unknown", "worker", name, "error", err)
		return false
	}
	if tasks == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workers[name].awake = time.Now()
	return true
}
