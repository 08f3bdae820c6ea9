package act

import (
	"context"
	"math"
	"time"
)

const (
	// quick is the pause between steps while something goes on; slow while all is
	// well, and between two tries for a place, so that a cluster of sick hosts asks
	// a few times a second at most.
	quick = 5 * time.Second
	slow  = 30 * time.Second
	// wellFor is how long all must have been well before a drain is taken back.
	wellFor = time.Minute
	// longestPause after failures.
	longestPause = 2 * time.Minute
)

// Run acts until the context ends. A context that ends in the midst of the
// host's own drain means that ECS, which stops daemons last, is done with it: the
// instance is marked at once.
func (a *Actor) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.watchSpot(ctx)
	}()
	for ctx.Err() == nil {
		a.pause(ctx, a.step(ctx))
	}
	a.finish(ctx)
	<-done
}

// step does what is next and returns how long to wait.
func (a *Actor) step(ctx context.Context) time.Duration {
	defer a.show()
	wish := a.wish()
	a.considered = wish
	if wish.kind != nothing {
		a.wellSince = time.Time{}
	} else if a.wellSince.IsZero() {
		a.wellSince = a.options.Now()
	}
	if a.options.Mode != Protect || wish.kind == hold && a.phase == Watching {
		a.reason = ""
		if a.options.Mode != Protect {
			a.reason = wish.reason
		}
		return slow
	}
	if !a.recovered {
		if err := a.recover(ctx); err != nil {
			return a.failed(wish, "asking ECS where this host stands", err)
		}
	}
	var err error
	doing := ""
	switch {
	case wish.kind == spot:
		// watchSpot drains: it is waited for by nobody.
		a.enter(Draining, wish.reason)
	case wish.kind == hold && a.phase != Draining && a.phase != Replacing:
	case wish.kind == nothing && a.phase == Draining && a.options.Now().Sub(a.wellSince) < wellFor:
		// An agent that has just started may not have heard yet what is wrong.
	case wish.kind == nothing:
		doing, err = "taking the drain back", a.undo(ctx)
	case a.phase == Draining:
		doing, err = "draining", a.drain(ctx)
	case a.phase == Replacing:
		doing, err = "having the instance replaced", a.replace(ctx)
	default:
		doing, err = "beginning to drain", a.begin(ctx, wish)
	}
	switch {
	case err != nil:
		return a.failed(wish, doing, err)
	case a.phase == Draining:
		a.failedOnce = 0
		return quick
	case a.turn.After(a.options.Now()):
		return a.turn.Sub(a.options.Now())
	default:
		a.failedOnce = 0
		return slow/2 + time.Duration(a.options.Jitter()*float64(slow))
	}
}

// failed says so once a try and waits longer each time.
func (a *Actor) failed(wish wish, doing string, err error) time.Duration {
	a.options.Log.Error("acting failed", "doing", doing, "error", err.Error(), "tries", a.failedOnce+1)
	if a.phase == Watching || a.phase == Waiting {
		if wish.kind == sick || wish.kind == rebalance {
			a.block(wish.reason, doing+": "+err.Error())
		}
	}
	a.failedOnce++
	pause := time.Duration(float64(time.Second) * math.Pow(2, float64(min(a.failedOnce, 10))))
	return time.Duration(float64(min(pause, longestPause)) * (0.5 + a.options.Jitter()))
}

// pause until the time has passed or the judgement asks for something else.
func (a *Actor) pause(ctx context.Context, how time.Duration) {
	timer := time.NewTimer(how)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-a.wake:
			if a.wish() != a.considered {
				return
			}
		}
	}
}

// watchSpot drains the instance that EC2 takes back, beside whatever else goes
// on, and without asking anybody: two minutes are all there is.
func (a *Actor) watchSpot(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-a.announced:
	}
	if a.options.Mode != Protect {
		return
	}
	for try := time.Duration(1); ctx.Err() == nil; try++ {
		err := a.call(ctx, "drain", a.options.Cluster.Drain)
		if err == nil {
			a.options.Log.Warn("draining for the spot notice")
			return
		}
		a.options.Log.Error("acting failed", "doing", "draining for the spot notice", "error", err.Error(), "tries", try)
		timer := time.NewTimer(min(try*250*time.Millisecond, 2*time.Second))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// finishTries at the end: ECS kills a daemon 30 s after it has asked it to stop.
const (
	finishTries = 3
	finishLimit = 20 * time.Second
)

// finish marks the instance if the agent ends in the midst of its own drain.
func (a *Actor) finish(ctx context.Context) {
	wish := a.wish()
	if a.options.Mode != Protect || a.phase != Draining || wish.kind == spot || wish.kind == nothing {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), finishLimit)
	defer stop()
	for range finishTries {
		if err := a.mark(ctx); err == nil {
			a.enter(Replacing, a.reason)
			return
		}
	}
}
