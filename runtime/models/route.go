package models

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"tandem/runtime/settings"
)

// route is one place and the model that is asked for there.
type route struct {
	config   settings.Route
	tier     int
	provider Provider
	place    *place
	breaker  *gobreaker.TwoStepCircuitBreaker[struct{}]
	now      func() time.Time
}

// place is a provider or service, shared by all routes that lead to it.
type place struct {
	// slots holds one token for each request under way; nil is no limit.
	slots chan struct{}
	// restUntil is the time, in nanoseconds since 1970, before which the place
	// asked not to be called.
	restUntil atomic.Int64
	// coldSince is when the place was first found cold, in the same unit; 0 where
	// it answered since.
	coldSince atomic.Int64
}

type placeModel struct{ place, model string }

// places makes each place and route once.
type places struct {
	options Options
	known   map[string]*place
	routes  map[placeModel]*route
}

func (p *places) route(config settings.Route) (*route, error) {
	key := placeModel{config.Name, config.Model}
	if made, found := p.routes[key]; found && made.config == config {
		return made, nil
	}
	provider, err := p.options.Connect[config.Type](config)
	if err != nil {
		return nil, err
	}
	at, found := p.known[config.Name]
	if !found {
		at = &place{}
		if config.Concurrency > 0 {
			at.slots = make(chan struct{}, config.Concurrency)
		}
		p.known[config.Name] = at
	}
	made := &route{config: config, tier: TierExternal, provider: provider, place: at, now: p.options.Now}
	if config.Type == "service" {
		made.tier = TierService
	}
	made.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         config.Name + "/" + config.Model,
		Timeout:      p.options.OpenFor,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return int(counts.ConsecutiveFailures) >= p.options.Failures },
		IsSuccessful: func(err error) bool { return !blamesRoute(err) },
	})
	p.routes[key] = made
	return made, nil
}

// maxRest bounds how long a place is believed when it asks to be left alone.
const maxRest = 5 * time.Minute

func (p *place) rest(now time.Time, d time.Duration) {
	p.restUntil.Store(now.Add(min(d, maxRest)).UnixNano())
}

// starting is how long a place that is cold will still take to start.
func (p *place) starting(now time.Time, whole time.Duration) time.Duration {
	p.coldSince.CompareAndSwap(0, now.UnixNano())
	since := now.Sub(time.Unix(0, p.coldSince.Load()))
	if since > 2*whole { // it has slept again, and nobody saw
		p.coldSince.Store(now.UnixNano())
		return whole
	}
	return whole - since
}

func (p *place) warm() {
	if p.coldSince.Load() != 0 {
		p.coldSince.Store(0)
	}
}

// enter waits for a place among the requests under way, if wait is set, and asks
// the breaker. The caller tells judge once what came of it, and calls leave in the end.
func (rt *route) enter(ctx context.Context, wait bool) (judge func(error), leave func(), err error) {
	if rest := time.Duration(rt.place.restUntil.Load() - rt.now().UnixNano()); rest > 0 {
		return nil, nil, &Error{Status: http.StatusTooManyRequests, Type: TypeRateLimit, Code: CodeRateLimit, RetryAfter: rest,
			Message: "The model's provider has asked for a pause."}
	}
	leave = func() {}
	if slots := rt.place.slots; slots != nil {
		if err := takeSlot(ctx, slots, wait); err != nil {
			return nil, nil, err
		}
		leave = func() { <-slots }
	}
	judge, err = rt.breaker.Allow()
	if err != nil {
		leave()
		if rt.place.coldSince.Load() != 0 {
			return nil, nil, rt.cold(err)
		}
		return nil, nil, &Error{Status: http.StatusServiceUnavailable, Type: TypeServer, Code: CodeUnavailable,
			Message: "The model is not available at the moment.", Cause: err}
	}
	return judge, leave, nil
}

func takeSlot(ctx context.Context, slots chan struct{}, wait bool) error {
	select {
	case slots <- struct{}{}:
		return nil
	default:
	}
	if !wait {
		return &Error{Status: http.StatusTooManyRequests, Type: TypeRateLimit, Code: CodeRateLimit,
			Message: "As many requests as are allowed are under way."}
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// failed tells the breaker of a stream that was cut after it had begun well.
func (rt *route) failed(err error) {
	if judge, refused := rt.breaker.Allow(); refused == nil {
		judge(err)
	}
}
