package models

import (
	"encoding/json"
	"time"
)

// Call is one request of a client.
type Call struct {
	// Tenant that pays.
	Tenant string
	// DailyBudgetUSD is what the tenant may spend on external models in a day
	// (UTC); 0 is no limit.
	DailyBudgetUSD float64
	// Model is the name that the client asked for.
	Model string
	// Body is the client's request in OpenAI's shape, whole and unchanged.
	Body json.RawMessage
}

// Answer is a model's answer.
type Answer struct {
	// Body is a chat completion or a list of embeddings in OpenAI's shape.
	Body json.RawMessage
	// Served tells who answered and what it took.
	Served Served
}

// Served tells who answered a call and what it took.
type Served struct {
	// Model is the name that the client asked for.
	Model string
	// Route is the name of the provider or service in the configuration, Provider
	// the kind of its API: openai, anthropic, bedrock, service or fake.
	Route, Provider string
	// UpstreamModel is the name that the route itself uses.
	UpstreamModel string
	// Tier is 1 for an external provider and 3 for an own service.
	Tier  int
	Usage Usage
	// CostUSD by the price table, and whether the model is in it. What an own
	// service costs is its instances, so it is never known by the call.
	CostUSD   float64
	CostKnown bool
	// FirstToken is the time from the call to the first token of a stream; of an
	// answer in one piece it is the same as Total.
	FirstToken, Total time.Duration
	// Attempts counts the requests that were made of routes, 1 or more.
	Attempts int
}

// Usage is the tokens of a call.
type Usage struct {
	// Input tokens, CachedInput of them read from the provider's cache and
	// CacheWrite of them written to it.
	Input, CachedInput, CacheWrite int
	// Output tokens, those of reasoning included.
	Output int
	// Estimated tells that the route did not say, as in a stream that was cut.
	Estimated bool
}

// Model is a name that clients may ask for.
type Model struct {
	// Name that clients ask for.
	Name string
	// Overflow is the worker that takes over what cannot finish in time, or empty.
	Overflow string
	// OwnedBy is the name of the first route.
	OwnedBy string
}

// The tiers.
const (
	TierExternal = 1
	TierService  = 3
)
