// Package anthropic speaks Anthropic's Messages API. What both APIs have is
// translated without loss; what Anthropic lacks is a 400 that names it.
package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

// baseURL of Anthropic (https://docs.anthropic.com/en/api/overview, 2026-11-24).
const baseURL = "https://api.anthropic.com"

// longest is the time after which the SDK gives up. It is above what any caller
// waits, and must be set, or else the SDK refuses long answers in one piece.
const longest = time.Hour

// Provider implements models.Provider.
type Provider struct {
	messages sdk.MessageService
	now      func() time.Time
}

var _ models.Provider = (*Provider)(nil)

// Connect returns a models.Connect for the type anthropic. A route without a
// base URL leads to Anthropic itself. All share one client.
func Connect(client *http.Client) models.Connect {
	return func(route settings.Route) (models.Provider, error) {
		base := strings.TrimSuffix(strings.TrimSuffix(route.BaseURL, "/"), "/v1")
		if base == "" {
			base = baseURL
		}
		// Not the SDK's whole client, which reads keys from the environment.
		return &Provider{now: time.Now, messages: sdk.NewMessageService(
			option.WithBaseURL(base+"/"), option.WithHTTPClient(client), option.WithMaxRetries(0),
			option.WithRequestTimeout(longest), option.WithMiddleware(upstream.Check),
		)}, nil
	}
}

// Chat implements models.Provider.
func (p *Provider) Chat(ctx context.Context, request models.Request) (*models.Reply, error) {
	params, _, err := translate(request)
	if err != nil {
		return nil, err
	}
	message, err := p.messages.New(ctx, params, option.WithAPIKey(request.Key))
	if err != nil {
		return nil, understood(ctx, err)
	}
	return p.reply(request.Name, message)
}

// Embeddings implements models.Provider: Anthropic has none.
func (p *Provider) Embeddings(context.Context, models.Request) (*models.Reply, error) {
	return nil, models.Unsupported("model", "The route of this model makes no embeddings.")
}

// understood tells answers that are none from connections that failed.
func understood(ctx context.Context, err error) error {
	var answered *models.Error
	var connection *url.Error
	if ctx.Err() != nil || errors.As(err, &answered) || errors.As(err, &connection) || strings.Contains(err.Error(), "error reading response body") {
		return fmt.Errorf("calling messages: %w", err)
	}
	return upstream.Malformed(err)
}

func (p *Provider) reply(name string, message *sdk.Message) (*models.Reply, error) {
	if message.StopReason == "" || message.Role != "assistant" {
		return nil, upstream.Malformed(errors.New("it is no message of an assistant"))
	}
	completion := chat.Completion{
		ID: "chatcmpl-" + message.ID, Model: name, Created: p.now(),
		Finish: finish(message.StopReason),
		Usage:  usage(message.Usage.InputTokens, message.Usage.CacheReadInputTokens, message.Usage.CacheCreationInputTokens, message.Usage.OutputTokens),
	}
	var text strings.Builder
	for _, block := range message.Content {
		switch block.Type {
		case "text":
			text.WriteString(block.Text)
		case "tool_use":
			completion.Message.ToolCalls = append(completion.Message.ToolCalls,
				chat.ToolCall{ID: block.ID, Name: block.Name, Arguments: arguments(block.Input)})
		}
	}
	if said := text.String(); said != "" || len(completion.Message.ToolCalls) == 0 {
		completion.Message.Content = &said
	}
	if message.StopReason == sdk.StopReasonRefusal {
		reason := refusal(message.StopDetails.Explanation)
		completion.Message.Refusal = &reason
	}
	return completion.Reply()
}

func arguments(input json.RawMessage) string {
	if len(input) == 0 {
		return "{}"
	}
	return string(input)
}

func refusal(explanation string) string {
	if explanation == "" {
		return "The model refused to answer."
	}
	return explanation
}

// finish translates stop reasons
// (https://docs.anthropic.com/en/api/handling-stop-reasons, 2026-11-24).
func finish(reason sdk.StopReason) chat.Finish {
	switch reason {
	case sdk.StopReasonMaxTokens, sdk.StopReasonModelContextWindowExceeded:
		return chat.FinishLength
	case sdk.StopReasonToolUse:
		return chat.FinishToolCalls
	case sdk.StopReasonRefusal:
		return chat.FinishFilter
	default:
		return chat.FinishStop
	}
}

// usage counts as OpenAI does: cached tokens are part of the input.
func usage(input, cacheRead, cacheWrite, output int64) models.Usage {
	return models.Usage{
		Input: int(input + cacheRead + cacheWrite), CachedInput: int(cacheRead), CacheWrite: int(cacheWrite), Output: int(output),
	}
}
