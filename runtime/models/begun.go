package models

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// begun is a call under way.
type begun struct {
	call     Call
	model    *model
	body     *Body
	start    time.Time
	attempts atomic.Int32
	// last is the route that was asked last.
	last atomic.Pointer[route]
	// wakes end when what was started to wake services has ended. A WaitGroup would
	// not do: an attempt that lost may start one while the answer waits.
	mu    sync.Mutex
	wakes []<-chan struct{}
}

// wake starts a service beside the call.
func (b *begun) wake(ctx context.Context, waker Waker, service string) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		waker.Wake(context.WithoutCancel(ctx), service)
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wakes = append(b.wakes, ended)
}

// awaitWakes returns when the wakes so far have ended.
func (b *begun) awaitWakes() {
	b.mu.Lock()
	wakes := b.wakes
	b.mu.Unlock()
	for _, ended := range wakes {
		<-ended
	}
}

func (r *Router) begin(call Call) (*begun, error) {
	model, found := r.models[call.Model]
	if !found {
		return nil, unknownModel(call.Model)
	}
	body, err := ParseBody(call.Body)
	if err != nil {
		return nil, err
	}
	return &begun{call: call, model: model, body: body, start: r.options.Now()}, nil
}

func (b *begun) served(route *route) Served {
	served := Served{Model: b.call.Model, Attempts: int(b.attempts.Load())}
	if route != nil {
		served.Route, served.Provider = route.config.Name, route.config.Type
		served.UpstreamModel, served.Tier = route.config.Model, route.tier
	}
	return served
}

// fail records a call that no route answered.
func (r *Router) fail(b *begun, err error) error {
	// A Lambda function stands still once it has answered, and so would the wake.
	// Where another route answers, that takes longer than the wake.
	b.awaitWakes()
	if last := b.last.Load(); last != nil {
		served := b.served(last)
		served.Total = r.options.Now().Sub(b.start)
		r.options.Meter.Record(b.call.Tenant, served, err)
	}
	return err
}

// budgetWrite is how long writing down what was spent may hold up an answer.
const budgetWrite = 2 * time.Second

// account works out what a call cost and tells those who count.
func (r *Router) account(ctx context.Context, b *begun, served *Served, failed error) {
	if served.Tier == TierExternal {
		served.CostUSD, served.CostKnown = r.options.Prices.CostUSD(served.Provider, served.UpstreamModel, served.Usage)
	}
	if b.call.DailyBudgetUSD > 0 && served.CostUSD > 0 && r.options.Budgets != nil {
		// A caller who hung up pays all the same. What cannot be written is not
		// worth failing an answer that is there.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), budgetWrite)
		defer cancel()
		_ = r.options.Budgets.Spend(ctx, b.call.Tenant, served.CostUSD)
	}
	r.options.Meter.Record(b.call.Tenant, *served, failed)
}
