package models

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"tandem/runtime/settings"
)

// Options of a Router.
type Options struct {
	// Routes of each model. Required, though it may be empty.
	Routes settings.Routes
	// Connect makes providers by the type of a route: openai, anthropic, bedrock,
	// service, fake. A route of a type that is missing is an error.
	Connect map[string]Connect
	// Keys is required where a route names a secret.
	Keys Keys
	// Meter defaults to none.
	Meter Meter
	// Prices default to none: every cost is unknown.
	Prices Prices
	// Budgets default to none: no budget is enforced.
	Budgets Budgets
	// Waker of the services that sleep. Defaults to none: they are passed by.
	Waker Waker
	// Rounds is how often all routes are tried. Defaults to 3.
	Rounds int
	// Pause before the second round, doubled for each after it; the real one is
	// random between 0 and that. Defaults to 300 ms.
	Pause time.Duration
	// AttemptTimeout is how long a route may take to its first token when another
	// is left to try; the last has all the time there is. Defaults to two thirds of
	// what is left until the caller's deadline.
	AttemptTimeout time.Duration
	// IdleTimeout ends a stream that has been silent for so long. Defaults to 2 min.
	IdleTimeout time.Duration
	// HedgeAfter asks the next route too when one has not begun to answer after
	// this long; the first to begin wins, and both are paid. Defaults to never.
	HedgeAfter time.Duration
	// Failures in a row after which a route is left alone. Defaults to 5.
	Failures int
	// OpenFor is how long it is left alone before one call tries it again. Defaults to 15 s.
	OpenFor time.Duration
	// Now and Rand, a number in [0, 1), default to the real ones.
	Now  func() time.Time
	Rand func() float64
}

func (o Options) withDefaults() Options {
	setDefault(&o.Rounds, 3)
	setDefault(&o.Pause, 300*time.Millisecond)
	setDefault(&o.IdleTimeout, 2*time.Minute)
	setDefault(&o.Failures, 5)
	setDefault(&o.OpenFor, 15*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Meter == nil {
		o.Meter = nobody{}
	}
	if o.Prices == nil {
		o.Prices = nobody{}
	}
	return o
}

func (o Options) validate() error {
	var problems []error
	for name, model := range o.Routes {
		if len(model.Routes) == 0 {
			problems = append(problems, fmt.Errorf("model %s has no routes", name))
		}
		for _, route := range model.Routes {
			if route.Secret != "" && o.Keys == nil {
				problems = append(problems, fmt.Errorf("route %s of model %s needs the secret %s, and there is nothing to read secrets with", route.Name, name, route.Secret))
			}
			if o.Connect[route.Type] == nil {
				problems = append(problems, fmt.Errorf("route %s of model %s is of type %q, which this program cannot speak", route.Name, name, route.Type))
			}
		}
	}
	if o.Rounds < 0 || o.Pause < 0 || o.AttemptTimeout < 0 || o.IdleTimeout < 0 || o.HedgeAfter < 0 || o.Failures < 0 || o.OpenFor < 0 {
		problems = append(problems, errors.New("no option can be negative"))
	}
	return errors.Join(problems...)
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// nobody is the meter and the price table of who has none.
type nobody struct{}

func (nobody) Record(string, Served, error)                  {}
func (nobody) CostUSD(string, string, Usage) (float64, bool) { return 0, false }
