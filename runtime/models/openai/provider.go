// Package openai speaks to OpenAI and to everything compatible with it, vLLM in
// an own service included. Requests and answers pass through byte for byte, but
// for the name of the model; streams always ask for usage, which the client
// sees only if it asked itself.
package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"tandem/runtime/models"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

// baseURL of OpenAI (https://platform.openai.com/docs/api-reference, 2026-11-24).
const baseURL = "https://api.openai.com/v1"

// Provider implements models.Provider.
type Provider struct {
	client sdk.Client
}

var _ models.Provider = (*Provider)(nil)

// Connect returns a models.Connect for the types openai and service. A route
// without a base URL leads to OpenAI itself. All share one client.
func Connect(client *http.Client) models.Connect {
	return func(route settings.Route) (models.Provider, error) {
		base := strings.TrimSuffix(route.BaseURL, "/")
		switch {
		case route.Type == "service" && base == "":
			return nil, errors.New("a service needs a base URL")
		case route.Type == "service":
			base += "/v1"
		case base == "":
			base = baseURL
		}
		// Made by hand, since the SDK's constructor reads keys from the environment.
		return &Provider{client: sdk.Client{Options: []option.RequestOption{
			option.WithBaseURL(base + "/"), option.WithHTTPClient(client), option.WithMaxRetries(0), option.WithMiddleware(upstream.Check),
		}}}, nil
	}
}

func (p *Provider) post(ctx context.Context, path, key string, body json.RawMessage) (*http.Response, error) {
	var response *http.Response
	options := make([]option.RequestOption, 0, 1)
	if key != "" {
		options = append(options, option.WithAPIKey(key))
	}
	if err := p.client.Post(ctx, path, []byte(body), &response, options...); err != nil {
		return nil, fmt.Errorf("calling %s: %w", path, err)
	}
	return response, nil
}

// Chat implements models.Provider.
func (p *Provider) Chat(ctx context.Context, request models.Request) (*models.Reply, error) {
	edits := []models.Edit{{Name: "model", Value: models.Quote(request.Model)}}
	if request.Body.Get("stream") != nil {
		edits = append(edits, models.Edit{Name: "stream", Value: json.RawMessage("false")})
	}
	return p.whole(ctx, "chat/completions", "choices", request, edits)
}

// Embeddings implements models.Provider.
func (p *Provider) Embeddings(ctx context.Context, request models.Request) (*models.Reply, error) {
	return p.whole(ctx, "embeddings", "data", request, []models.Edit{{Name: "model", Value: models.Quote(request.Model)}})
}

// whole reads an answer in one piece, which must have a certain member.
func (p *Provider) whole(ctx context.Context, path, needs string, request models.Request, edits []models.Edit) (*models.Reply, error) {
	response, err := p.post(ctx, path, request.Key, request.Body.With(edits...))
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := upstream.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	answer, err := models.ReadAnswer(raw)
	if err != nil {
		return nil, upstream.Malformed(err)
	}
	if answer.Get(needs) == nil {
		if failed := upstream.ParseError(raw); failed != nil { // some answer 200 with an error
			return nil, withStatus(failed)
		}
		return nil, upstream.Malformed(fmt.Errorf("it has no %q", needs))
	}
	return &models.Reply{Body: answer.Named(request.Name), Usage: readUsage(answer.Get("usage"))}, nil
}

// withStatus gives an error that came without one the status of a failure.
func withStatus(err *models.Error) *models.Error {
	if err.Status < 400 || err.Status > 599 {
		err.Status = http.StatusBadGateway
	}
	return err
}

// readUsage reads OpenAI's usage; of what is missing or odd, nothing.
func readUsage(raw json.RawMessage) models.Usage {
	var usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Details    struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	}
	if json.Unmarshal(raw, &usage) != nil {
		return models.Usage{}
	}
	return models.Usage{Input: usage.Prompt, Output: usage.Completion, CachedInput: usage.Details.Cached}
}
