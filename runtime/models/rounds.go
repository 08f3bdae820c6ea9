package models

import (
	"context"
	"errors"
	"time"
)

// maxPause bounds the wait between rounds for a caller without a deadline.
const maxPause = time.Minute

// firstThatCan asks the routes of a model, round by round, until one answers.
func firstThatCan[T any](ctx context.Context, r *Router, b *begun, opener opener[T]) (*won[T], error) {
	candidates := b.model.routes
	var best error
	for number := 0; ; number++ {
		round := round[T]{router: r, begun: b, opener: opener, candidates: candidates}
		winner, err := round.run(ctx)
		if winner != nil {
			return winner, nil
		}
		if best == nil || rank(err) <= rank(best) || errors.Is(err, ctx.Err()) {
			best = err
		}
		candidates = round.again
		if round.over || len(candidates) == 0 || number+1 >= r.options.Rounds {
			return nil, best
		}
		if !r.pause(ctx, number, round.earliest) {
			if ctx.Err() != nil {
				_, err := candidates[0].judge(ctx, ctx, best)
				return nil, err
			}
			return nil, best
		}
	}
}

// pause waits between rounds. It reports false at once where the caller's
// deadline would pass meanwhile.
func (r *Router) pause(ctx context.Context, number int, atLeast time.Duration) bool {
	wait := time.Duration(r.options.Rand() * float64(r.options.Pause<<number))
	wait = max(wait, atLeast)
	deadline, found := ctx.Deadline()
	if wait > maxPause || found && wait >= deadline.Sub(r.options.Now()) {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// round asks each candidate once, one after the other; side by side only where
// hedging is on.
type round[T any] struct {
	router     *Router
	begun      *begun
	opener     opener[T]
	candidates []*route

	// What it found: routes that are worth another try, the shortest of their
	// pauses, and whether no try makes sense.
	again    []*route
	earliest time.Duration
	over     bool

	stops   []context.CancelCauseFunc
	results chan result[T]
}

type result[T any] struct {
	index   int
	won     *won[T]
	verdict verdict
	err     error
}

func (o *round[T]) run(ctx context.Context) (*won[T], error) {
	var best error
	if o.router.options.HedgeAfter == 0 {
		for i := range o.candidates {
			outcome := o.ask(ctx, o.newAttempt(ctx), i)
			if outcome.won != nil {
				return outcome.won, nil
			}
			if o.note(outcome, &best); o.over {
				break
			}
		}
		return nil, best
	}
	o.results = make(chan result[T], len(o.candidates))
	hedge := time.NewTicker(o.router.options.HedgeAfter)
	defer hedge.Stop()
	started, underWay := 0, 0
	start := func() {
		attempt, i := o.newAttempt(ctx), started
		started, underWay = started+1, underWay+1
		go func() { o.results <- o.ask(ctx, attempt, i) }()
	}
	start()
	for underWay > 0 {
		select {
		case outcome := <-o.results:
			underWay--
			if outcome.won != nil {
				o.dismiss(outcome.index, underWay)
				return outcome.won, nil
			}
			if o.note(outcome, &best); o.over {
				o.dismiss(-1, underWay)
				return nil, best
			}
		case <-hedge.C:
			if started == len(o.candidates) {
				continue
			}
			start()
			continue
		}
		if underWay == 0 && started < len(o.candidates) {
			start()
		}
	}
	return nil, best
}

type attempt struct {
	ctx  context.Context
	stop context.CancelCauseFunc
}

func (o *round[T]) newAttempt(ctx context.Context) attempt {
	ctx, stop := context.WithCancelCause(ctx)
	o.stops = append(o.stops, stop)
	return attempt{ctx, stop}
}

func (o *round[T]) ask(caller context.Context, a attempt, index int) result[T] {
	last := index == len(o.candidates)-1
	won, verdict, err := try(caller, a.ctx, a.stop, o.router, o.begun, o.candidates[index], last, o.opener)
	if err != nil {
		a.stop(err)
	}
	return result[T]{index, won, verdict, err}
}

// note keeps what a failed attempt taught.
func (o *round[T]) note(outcome result[T], best *error) {
	if *best == nil || rank(outcome.err) < rank(*best) || outcome.verdict == giveUp {
		*best = outcome.err
	}
	o.over = o.over || outcome.verdict == giveUp
	if outcome.verdict != tryNext {
		return
	}
	var pause time.Duration
	var answered *Error
	if errors.As(outcome.err, &answered) && answered.Code != CodeCold {
		pause = answered.RetryAfter
	}
	if len(o.again) == 0 || pause < o.earliest {
		o.earliest = pause
	}
	o.again = append(o.again, o.candidates[outcome.index])
}

// dismiss stops all attempts but the winner's, and gives back what those held
// that answer all the same.
func (o *round[T]) dismiss(winner, underWay int) {
	for i, stop := range o.stops {
		if i != winner {
			stop(context.Canceled)
		}
	}
	go func() {
		for range underWay {
			if late := <-o.results; late.won != nil {
				o.opener.discard(late.won.value)
				late.won.close()
			}
		}
	}()
}
