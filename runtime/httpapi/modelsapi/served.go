package modelsapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"tandem/runtime/models"
)

// accounting is who answered and what it took, as a stream tells it.
type accounting struct {
	Model         string   `json:"model"`
	Route         string   `json:"route"`
	UpstreamModel string   `json:"upstream_model"`
	Tier          int      `json:"tier"`
	InputTokens   int      `json:"input_tokens"`
	OutputTokens  int      `json:"output_tokens"`
	CostUSD       *float64 `json:"cost_usd,omitempty"`
	Attempts      int      `json:"attempts"`
	FirstTokenMS  int64    `json:"first_token_ms"`
	TotalMS       int64    `json:"total_ms"`
}

func account(served models.Served) json.RawMessage {
	a := accounting{
		Model: served.Model, Route: served.Route, UpstreamModel: served.UpstreamModel, Tier: served.Tier,
		InputTokens: served.Usage.Input, OutputTokens: served.Usage.Output, Attempts: served.Attempts,
		FirstTokenMS: served.FirstToken.Milliseconds(), TotalMS: served.Total.Milliseconds(),
	}
	if served.CostKnown {
		a.CostUSD = &served.CostUSD
	}
	raw, _ := json.Marshal(a) // strings and numbers alone
	return raw
}

// setHeaders tells who answered and what it took.
func setHeaders(header http.Header, served models.Served) {
	header.Set("X-Tandem-Model", served.Model)
	header.Set("X-Tandem-Route", served.Route)
	header.Set("X-Tandem-Upstream-Model", served.UpstreamModel)
	header.Set("X-Tandem-Tier", strconv.Itoa(served.Tier))
	header.Set("X-Tandem-Input-Tokens", strconv.Itoa(served.Usage.Input))
	header.Set("X-Tandem-Output-Tokens", strconv.Itoa(served.Usage.Output))
	header.Set("X-Tandem-Attempts", strconv.Itoa(served.Attempts))
	header.Set("X-Tandem-Milliseconds", strconv.FormatInt(served.Total.Round(time.Millisecond).Milliseconds(), 10))
	if served.CostKnown {
		header.Set("X-Tandem-Cost-Usd", strconv.FormatFloat(served.CostUSD, 'f', -1, 64))
	}
}
