package models

import (
	"context"
	"encoding/json"
	"time"

	"tandem/runtime/settings"
)

// Request is what a route is asked.
type Request struct {
	// Name is what the client called the model; answers carry it.
	Name string
	// Model is what the route calls it.
	Model string
	// Key opens the route's API, or is empty.
	Key string
	// Body is the client's request.
	Body *Body
}

// Reply is a route's whole answer.
type Reply struct {
	// Body is a chat completion or a list of embeddings in OpenAI's shape.
	Body  json.RawMessage
	Usage Usage
}

// Provider speaks to one route. Errors are a *Error where the route answered
// with one, its status the route's own; any other error means that it did not
// answer. Implementations neither retry nor log, and are safe for concurrent use.
type Provider interface {
	Chat(ctx context.Context, request Request) (*Reply, error)
	// ChatStream returns once the route has begun to answer. The context bounds
	// the whole stream.
	ChatStream(ctx context.Context, request Request) (Stream, error)
	Embeddings(ctx context.Context, request Request) (*Reply, error)
}

// Stream is an answer that comes in chunks. It is read by one goroutine.
type Stream interface {
	// Next returns the next chat.completion.chunk, valid until the next call. It
	// fails with io.EOF after an answer that is whole.
	Next() (json.RawMessage, error)
	// Usage so far; of the whole answer after io.EOF. Zero where the route doesn't say.
	Usage() Usage
	// Close stops the stream. It may be called at any time, and again.
	Close() error
}

// Connect makes the provider of a route.
type Connect func(route settings.Route) (Provider, error)

// Keys reads the keys of providers.
type Keys interface {
	// Get returns a secret's value, which may be remembered for a while.
	Get(ctx context.Context, name string) (string, error)
	// Refresh returns a value that was read after stale was found not to work.
	// It is stale again where there is no other.
	Refresh(ctx context.Context, name, stale string) (string, error)
}

// Meter is told of every call that reached a route.
type Meter interface {
	// Record takes what a call took. The error is nil where it was answered in
	// full. It must not block.
	Record(tenant string, served Served, err error)
}

// Prices knows what tokens cost.
type Prices interface {
	// CostUSD of a call's tokens by kind of API and the API's name of the model,
	// and whether it is known.
	CostUSD(provider, model string, usage Usage) (float64, bool)
}

// Budgets counts what tenants spend.
type Budgets interface {
	// Spent returns what a tenant has spent on the current day (UTC), and how
	// long that day still lasts.
	Spent(ctx context.Context, tenant string) (usd float64, untilReset time.Duration, err error)
	// Spend adds to it.
	Spend(ctx context.Context, tenant string, usd float64) error
}

// Waker starts services that sleep.
type Waker interface {
	// Wake asks for one task of a service, if it has none. It is called beside each
	// call that finds the service cold, by however many at once; it takes a few
	// seconds at most, and what fails is its own to tell: the next call tries again.
	Wake(ctx context.Context, service string)
}
