package models

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// opener asks a provider, and throws an answer away that came too late.
type opener[T any] struct {
	open    func(ctx context.Context, provider Provider, request Request) (T, error)
	discard func(T)
}

// won is the answer of the route that won.
type won[T any] struct {
	value T
	route *route
	// stop ends the context that the answer came by.
	stop  context.CancelCauseFunc
	leave func()
}

// close gives back what the attempt held.
func (w *won[T]) close() {
	w.stop(nil)
	w.leave()
}

// try asks one route. The verdict counts only with an error.
func try[T any](caller, ctx context.Context, stop context.CancelCauseFunc, r *Router, b *begun, rt *route, last bool, opener opener[T]) (*won[T], verdict, error) {
	if err := r.overBudget(ctx, b, rt); err != nil {
		return nil, skipRoute, err
	}
	report, leave, err := rt.enter(ctx, last)
	if err != nil {
		if caller.Err() != nil {
			verdict, err := rt.judge(caller, ctx, err)
			return nil, verdict, err
		}
		return nil, tryNext, err
	}
	var alarm *time.Timer
	if limit := r.attemptLimit(ctx, last); limit > 0 {
		alarm = time.AfterFunc(limit, func() { stop(errSlow) })
	}
	value, err := ask(ctx, r, b, rt, opener.open)
	if alarm != nil && !alarm.Stop() && err == nil {
		opener.discard(value)
		err = errSlow
	}
	if err == nil {
		report(nil)
		rt.place.warm()
		return &won[T]{value: value, route: rt, stop: stop, leave: leave}, tryNext, nil
	}
	verdict, err := rt.judge(caller, ctx, err)
	stop(err)
	report(err)
	leave()
	r.afterwards(ctx, b, rt, err)
	return nil, verdict, err
}

// attemptLimit is how long a route may take to begin; 0 is as long as the caller waits.
func (r *Router) attemptLimit(ctx context.Context, last bool) time.Duration {
	if last {
		return 0
	}
	if r.options.AttemptTimeout > 0 {
		return r.options.AttemptTimeout
	}
	deadline, found := ctx.Deadline()
	if !found {
		return 0
	}
	return max(deadline.Sub(r.options.Now())*2/3, time.Nanosecond)
}

// ask calls the provider, and once more with a fresh key where the one at hand
// was refused: it may have been rotated.
func ask[T any](ctx context.Context, r *Router, b *begun, rt *route, open func(context.Context, Provider, Request) (T, error)) (T, error) {
	request := Request{Name: b.call.Model, Model: rt.config.Model, Body: b.body}
	if rt.config.Secret != "" {
		var err error
		if request.Key, err = r.options.Keys.Get(ctx, rt.config.Secret); err != nil {
			var none T
			return none, &Error{Status: http.StatusServiceUnavailable, Type: TypeServer, Code: CodeUnavailable,
				Message: "The key of the model's provider cannot be read at the moment.", Cause: err}
		}
	}
	b.last.Store(rt)
	b.attempts.Add(1)
	value, err := open(ctx, rt.provider, request)
	var answered *Error
	if request.Key == "" || !errors.As(err, &answered) || answered.Status != http.StatusUnauthorized {
		return value, err
	}
	fresh, failed := r.options.Keys.Refresh(ctx, rt.config.Secret, request.Key)
	if failed != nil || fresh == request.Key {
		return value, err
	}
	request.Key = fresh
	b.attempts.Add(1)
	return open(ctx, rt.provider, request)
}

// afterwards remembers a pause that a place asked for, and wakes a cold service.
func (r *Router) afterwards(ctx context.Context, b *begun, rt *route, err error) {
	var answered *Error
	if !errors.As(err, &answered) {
		return
	}
	switch {
	case answered.Code == CodeCold && rt.config.ColdStart > 0 && r.options.Waker != nil:
		b.wake(ctx, r.options.Waker, rt.config.Name)
	case answered.Code != CodeCold && answered.RetryAfter > 0:
		rt.place.rest(r.options.Now(), answered.RetryAfter)
	}
}

// overBudget refuses external routes to a tenant that has spent its day's budget.
// When the store does not answer, the call goes on: the budget guards against
// running costs, not single calls.
func (r *Router) overBudget(ctx context.Context, b *begun, rt *route) error {
	if rt.tier != TierExternal || b.call.DailyBudgetUSD <= 0 || r.options.Budgets == nil {
		return nil
	}
	spent, untilReset, err := r.options.Budgets.Spent(ctx, b.call.Tenant)
	if err != nil || spent < b.call.DailyBudgetUSD {
		return nil
	}
	return &Error{Status: http.StatusTooManyRequests, Type: TypeQuota, Code: CodeBudget, RetryAfter: untilReset,
		Message: "The budget for external models is spent for today; it starts anew at midnight UTC."}
}
