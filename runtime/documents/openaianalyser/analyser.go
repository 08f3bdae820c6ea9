// Package openaianalyser asks a model by an OpenAI-compatible API. It calls one
// route; which of several answers, and what happens when one is down, will be
// runtime/models' business.
package openaianalyser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

// Options of an [Analyser].
type Options struct {
	// Route to call. Required.
	Route settings.Route
	// Secret returns the value of a secret, for routes that name one.
	Secret func(ctx context.Context, name string) (string, error)
	// Client defaults to http.DefaultClient; the caller's context bounds each call.
	Client *http.Client
}

// Analyser implements documents.Analyser.
type Analyser struct {
	options Options
	url     string
}

var _ documents.Analyser = (*Analyser)(nil)

// bases of the providers whose URL need not be configured
// (https://platform.openai.com/docs/api-reference, https://docs.anthropic.com/en/api/openai-sdk, 2026-11-24).
var bases = map[string]string{"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com/v1"}

// New makes an Analyser. A route that does not speak the protocol is an error.
func New(options Options) (*Analyser, error) {
	if options.Client == nil {
		options.Client = http.DefaultClient
	}
	base := options.Route.BaseURL
	switch {
	case options.Route.Type == "service":
		base = strings.TrimSuffix(base, "/") + "/v1"
	case base == "":
		base = bases[options.Route.Type]
	}
	if base == "" {
		return nil, fmt.Errorf("route %s of type %s has no OpenAI-compatible API; put another route first", options.Route.Name, options.Route.Type)
	}
	return &Analyser{options: options, url: strings.TrimSuffix(base, "/") + "/chat/completions"}, nil
}

// FirstRoute returns the route that is called for a model.
func FirstRoute(routes settings.Routes, model string) (settings.Route, error) {
	if len(routes[model].Routes) == 0 {
		return settings.Route{}, fmt.Errorf("model %s has no routes", model)
	}
	return routes[model].Routes[0], nil
}

type request struct {
	Model          string          `json:"model"`
	Messages       []message       `json:"messages"`
	ResponseFormat *responseFormat `json:"response_format,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type responseFormat struct {
	Type       string     `json:"type"`
	JSONSchema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
}

type response struct {
	Model   string `json:"model"`
	Choices []struct {
		Message struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
}

// Analyse implements documents.Analyser.
func (a *Analyser) Analyse(ctx context.Context, prompt string, schema json.RawMessage) (documents.Analysis, error) {
	body := request{Model: a.options.Route.Model, Messages: []message{{Role: "user", Content: prompt}}}
	if len(schema) > 0 && string(schema) != "null" {
		body.ResponseFormat = &responseFormat{Type: "json_schema", JSONSchema: jsonSchema{Name: "analysis", Schema: schema}}
	}
	answer, err := a.call(ctx, body)
	if err != nil {
		return documents.Analysis{}, fmt.Errorf("asking route %s: %w", a.options.Route.Name, err)
	}
	content, err := content(answer)
	if err != nil {
		return documents.Analysis{}, fmt.Errorf("asking route %s: %w", a.options.Route.Name, err)
	}
	value := json.RawMessage(content)
	if body.ResponseFormat == nil {
		value, _ = json.Marshal(content) // a string has no way to fail
	} else if !json.Valid(value) {
		return documents.Analysis{}, fmt.Errorf("asking route %s: the answer is not JSON", a.options.Route.Name)
	}
	model := answer.Model
	if model == "" {
		model = a.options.Route.Model
	}
	return documents.Analysis{Value: value, Model: model, InputTokens: answer.Usage.Prompt, OutputTokens: answer.Usage.Completion}, nil
}

func content(answer response) (string, error) {
	if len(answer.Choices) == 0 {
		return "", errors.New("the answer has no choices")
	}
	choice := answer.Choices[0]
	switch {
	case choice.Message.Refusal != "" || choice.FinishReason == "content_filter":
		return "", &documents.Rejected{Reason: "the model refused to analyse the document"}
	case choice.FinishReason == "length":
		return "", &documents.Rejected{Reason: "the analysis is longer than the model may answer"}
	default:
		return choice.Message.Content, nil
	}
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 8 << 20

func (a *Analyser) call(ctx context.Context, body request) (response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return response{}, &documents.Rejected{Reason: "the document cannot be put into a request"}
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(encoded))
	if err != nil {
		return response{}, err
	}
	call.Header.Set("Content-Type", "application/json")
	if a.options.Route.Secret != "" {
		key, err := a.options.Secret(ctx, a.options.Route.Secret)
		if err != nil {
			return response{}, err
		}
		call.Header.Set("Authorization", "Bearer "+strings.TrimSpace(key))
	}
	out, err := a.options.Client.Do(call)
	if err != nil {
		return response{}, err
	}
	defer out.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(out.Body, maxAnswer))
	if err != nil {
		return response{}, err
	}
	if err := judge(out.StatusCode); err != nil {
		return response{}, err
	}
	var answer response
	if err := json.Unmarshal(raw, &answer); err != nil {
		return response{}, errors.New("the answer is not a chat completion")
	}
	return answer, nil
}

// judge tells errors that may pass from those that will not. What the provider
// says in the body may repeat the document, and is left out.
func judge(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooManyRequests, status >= 500,
		status == http.StatusUnauthorized, status == http.StatusForbidden:
		// A wrong key is mended by the operator, and then the document is analysed.
		return fmt.Errorf("it answered %d", status)
	case status == http.StatusRequestEntityTooLarge:
		return &documents.Rejected{Reason: "the document is too large for the model"}
	default:
		return &documents.Rejected{Reason: fmt.Sprintf("the model's API answered %d", status)}
	}
}
