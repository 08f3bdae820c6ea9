// Package wake starts the capacity controller when a job has met an idle fleet,
// so that the first job does not wait for the controller's next minute.
//
// What it decides: that a worker is woken once in a few seconds at most, by
// however many processes, and not at all while the worker is known to have
// tasks. A burst's last job counts too: the controller, which is told how long
// others are held back, looks once more when that time is up. It cannot be left
// to a timer here, as a Lambda function stands still between requests. What the
// controller then does is decided in runtime/capacity.
package wake

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Call is what the controller is told.
type Call struct {
	// Worker that a job waits for.
	Worker string
	// At is when the job met an idle fleet.
	At time.Time
	// Again is how long after At the controller must look once more: nobody else
	// wakes the worker before that.
	Again time.Duration
}

// Invoker starts a run of the controller and does not wait for it.
type Invoker interface {
	Invoke(ctx context.Context, call Call) error
}

// Fleet is what all processes know together.
type Fleet interface {
	// Tasks of a worker that run or have been asked for, as the controller saw it last.
	Tasks(ctx context.Context, worker string) (int, error)
	// Turn says whether it is the caller's turn to wake a worker: one caller in
	// `every` gets it.
	Turn(ctx context.Context, worker string, every time.Duration) (bool, error)
}

// Options of a [Waker].
type Options struct {
	// Invoker is required.
	Invoker Invoker
	// Fleet is asked before a run is started. Defaults to always starting it.
	Fleet Fleet
	// Every is the least time between two runs for one worker. Defaults to 5 s.
	Every time.Duration
	// Timeout bounds all calls for one wake together. Defaults to 2 s.
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
	woken time.Time
	awake time.Time
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

// Wake says that a job waits for a worker, after its message was sent. The
// first call in a while starts a run before it returns.
func (w *Waker) Wake(ctx context.Context, name string) {
	now := time.Now()
	if w.due(name, now) {
		w.run(ctx, name, now)
	}
}

// due decides whether this call is the one that starts a run.
func (w *Waker) due(name string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.workers[name]
	if known == nil {
		known = &worker{}
		w.workers[name] = known
	}
	if !known.awake.IsZero() && now.Sub(known.awake) < w.options.Remember {
		return false
	}
	if !known.woken.IsZero() && now.Sub(known.woken) < w.options.Every {
		return false
	}
	known.woken = now
	return true
}

func (w *Waker) run(ctx context.Context, name string, at time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.options.Timeout)
	defer cancel()
	if w.options.Fleet != nil && (w.hasTasks(ctx, name) || !w.hasTurn(ctx, name)) {
		return
	}
	if err := w.options.Invoker.Invoke(ctx, Call{Worker: name, At: at, Again: w.options.Every}); err != nil {
		// The controller runs each minute anyway.
		w.options.Log.WarnContext(ctx, "worker not woken", "worker", name, "error", err)
		w.forget(name)
	}
}

// forget lets the next submit try again.
func (w *Waker) forget(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workers[name].woken = time.Time{}
}

func (w *Waker) hasTasks(ctx context.Context, name string) bool {
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

// hasTurn errs on the side of waking: two runs at once do no harm.
func (w *Waker) hasTurn(ctx context.Context, name string) bool {
	turn, err := w.options.Fleet.Turn(ctx, name, w.options.Every)
	if err != nil {
		w.options.Log.WarnContext(ctx, "it is unknown whose turn it is to wake a worker", "worker", name, "error", err)
	}
	return turn || err != nil
}
