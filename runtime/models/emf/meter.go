// Package emf tells CloudWatch what calls of models took, by lines of the
// embedded metric format on a log stream: no call of an API, no agent.
//
// Metrics, in the namespace Tandem/Models:
//
//	Requests      Count         calls that reached a route
//	Errors        Count         1 where the answer was not whole, else 0
//	InputTokens   Count         CachedInputTokens are part of it
//	CachedInputTokens Count
//	OutputTokens  Count
//	CostUSD       None          US dollars by the price table, of tier 1 only
//	Unpriced      Count         1 where an external model is not in the table, else 0
//	FirstToken    Milliseconds  to the first token, of answered calls
//	Latency       Milliseconds  to the end, of answered calls
//	Attempts      Count         requests made of routes
//
// Each is published by three sets of dimensions, Application and Environment in
// all of them: Tier (the split of the spend), Model and Route (which one answers,
// and how fast), and Tenant. Each combination is a custom metric that costs money
// (0.30 USD a month, https://aws.amazon.com/cloudwatch/pricing/, 2026-11-24), so
// Tenant carries Requests, tokens and CostUSD alone, and can be left out.
package emf

import (
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"tandem/runtime/models"
)

// Namespace of the metrics in CloudWatch.
const Namespace = "Tandem/Models"

// Options of a Meter.
type Options struct {
	// Writer takes one line a call; in Lambda it is the standard output. Required.
	Writer io.Writer
	// Application and Environment are dimensions of every metric. Required.
	Application, Environment string
	// WithoutTenants leaves out the metrics of single tenants. Their numbers stay
	// in the lines, for CloudWatch Logs Insights.
	WithoutTenants bool
	// Now defaults to time.Now.
	Now func() time.Time
}

// Meter implements models.Meter. It is safe for concurrent use.
type Meter struct {
	options Options
	mu      sync.Mutex
}

var _ models.Meter = (*Meter)(nil)

// New makes a Meter.
func New(options Options) *Meter {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Meter{options: options}
}

type line struct {
	AWS         metadata `json:"_aws"`
	Message     string   `json:"msg"`
	Application string
	Environment string
	Tier        string
	Model       string
	Route       string
	Tenant      string
	Upstream    string `json:"upstreamModel"`
	Provider    string `json:"provider"`
	Error       string `json:"errorCode,omitempty"`
	Estimated   bool   `json:"estimated,omitempty"`

	Requests          int
	Errors            int
	InputTokens       int
	CachedInputTokens int
	OutputTokens      int
	CostUSD           float64
	Unpriced          int
	FirstToken        *float64 `json:",omitempty"`
	Latency           *float64 `json:",omitempty"`
	Attempts          int
}

// Record implements models.Meter.
func (m *Meter) Record(tenant string, served models.Served, failed error) {
	l := line{
		AWS: m.metadata(failed == nil), Message: "model call",
		Application: m.options.Application, Environment: m.options.Environment,
		Tier: tierName(served.Tier), Model: served.Model, Route: served.Route, Tenant: tenant,
		Upstream: served.UpstreamModel, Provider: served.Provider, Estimated: served.Usage.Estimated,
		Requests: 1, InputTokens: served.Usage.Input, CachedInputTokens: served.Usage.CachedInput,
		OutputTokens: served.Usage.Output, CostUSD: served.CostUSD, Attempts: served.Attempts,
	}
	if served.Tier == models.TierExternal && !served.CostKnown && served.Usage != (models.Usage{}) {
		l.Unpriced = 1
	}
	if failed != nil {
		l.Errors, l.Error = 1, code(failed)
	} else {
		l.FirstToken, l.Latency = milliseconds(served.FirstToken), milliseconds(served.Total)
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return // strings and finite numbers always render
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = m.options.Writer.Write(append(raw, '\n')) // there is nobody to tell
}

// tierName is what the dashboards call a tier.
func tierName(tier int) string {
	if tier == models.TierService {
		return "models"
	}
	return "request"
}

func code(err error) string {
	var answered *models.Error
	switch {
	case !errors.As(err, &answered):
		return "cancelled"
	case answered.Code != "":
		return answered.Code
	default:
		return answered.Type
	}
}

func milliseconds(d time.Duration) *float64 {
	ms := float64(d.Microseconds()) / 1e3
	return &ms
}
