package agent

import (
	"context"
	"time"

	"tandem/gpuagent/internal/observe"
)

// look is one reading of the devices.
type look struct {
	devices []observe.Device
	err     error
	at      time.Time
	took    time.Duration
}

// pollDevices looks until the context ends. The driver may keep it for ever,
// which is why nobody waits for it.
func (a *Agent) pollDevices(ctx context.Context, looks chan<- look) {
	for ctx.Err() == nil {
		began := a.options.Now()
		a.looking.Store(began.UnixNano())
		devices, err := a.options.Devices.Devices(ctx)
		a.looking.Store(0)
		at := a.options.Now()
		if !send(ctx, looks, look{devices: devices, err: err, at: at, took: at.Sub(began)}) {
			return
		}
		a.pause(ctx, a.options.Every)
	}
}

// soonest is how soon one look may follow another, so that a storm of events
// does not become a storm of looks.
const soonest = 500 * time.Millisecond

func (a *Agent) pause(ctx context.Context, every time.Duration) {
	least, most := time.NewTimer(min(soonest, every)), time.NewTimer(every)
	defer least.Stop()
	defer most.Stop()
	select {
	case <-ctx.Done():
		return
	case <-least.C:
	}
	select {
	case <-ctx.Done():
	case <-most.C:
	case <-a.sooner:
	}
}

// lookSooner asks for a look before its turn.
func (a *Agent) lookSooner() {
	select {
	case a.sooner <- struct{}{}:
	default:
	}
}

// answer of a source that is polled.
type answer[T any] struct {
	value T
	err   error
}

func (a *Agent) pollNotices(ctx context.Context, answers chan<- answer[observe.Notices]) {
	poll(ctx, a.options.NoticesEvery, answers, a.options.Notices.Notices)
}

func (a *Agent) pollTasks(ctx context.Context, answers chan<- answer[[]observe.Task]) {
	poll(ctx, a.options.TasksEvery, answers, a.options.Tasks.Tasks)
}

// poll asks at a steady beat. One question may take as long as the beat.
func poll[T any](ctx context.Context, every time.Duration, answers chan<- answer[T], ask func(context.Context) (T, error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		limited, stop := context.WithTimeout(ctx, every)
		value, err := ask(limited)
		stop()
		if !send(ctx, answers, answer[T]{value, err}) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// findFacts asks until it is answered, at first often.
func (a *Agent) findFacts(ctx context.Context, answers chan<- Facts) {
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		limited, stop := context.WithTimeout(ctx, 5*time.Second)
		facts, err := a.options.Facts(limited)
		stop()
		if err == nil {
			send(ctx, answers, facts)
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

func send[T any](ctx context.Context, to chan<- T, value T) bool {
	select {
	case to <- value:
		return true
	case <-ctx.Done():
		return false
	}
}
