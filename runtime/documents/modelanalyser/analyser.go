// Package modelanalyser asks a model for an analysis, by all the routes that
// the model has. What happens when one is down is runtime/models' business.
package modelanalyser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"tandem/runtime/documents"
	"tandem/runtime/models"
)

// Tenant that analyses are accounted to.
const Tenant = "documents"

// Router finds who answers; *models.Router.
type Router interface {
	Chat(ctx context.Context, call models.Call) (*models.Answer, error)
}

// Analyser implements documents.Analyser.
type Analyser struct {
	// Router is required.
	Router Router
	// Model that is asked. Required.
	Model string
}

var _ documents.Analyser = Analyser{}

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

type completion struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
}

// Analyse implements documents.Analyser.
func (a Analyser) Analyse(ctx context.Context, prompt string, schema json.RawMessage) (documents.Analysis, error) {
	asked := request{Model: a.Model, Messages: []message{{Role: "user", Content: prompt}}}
	if len(schema) > 0 && string(schema) != "null" {
		asked.ResponseFormat = &responseFormat{Type: "json_schema", JSONSchema: jsonSchema{Name: "analysis", Schema: schema}}
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return documents.Analysis{}, &documents.Rejected{Reason: "the document cannot be put into a request"}
	}
	answer, err := a.Router.Chat(ctx, models.Call{Tenant: Tenant, Model: a.Model, Body: body})
	if err != nil {
		return documents.Analysis{}, fmt.Errorf("asking model %s: %w", a.Model, judge(err))
	}
	var said completion
	if err := json.Unmarshal(answer.Body, &said); err != nil {
		return documents.Analysis{}, fmt.Errorf("asking model %s: the answer is not a chat completion", a.Model)
	}
	content, err := content(said)
	if err != nil {
		return documents.Analysis{}, fmt.Errorf("asking model %s: %w", a.Model, err)
	}
	value := json.RawMessage(content)
	if asked.ResponseFormat == nil {
		value, _ = json.Marshal(content) // a string has no way to fail
	} else if !json.Valid(value) {
		return documents.Analysis{}, fmt.Errorf("asking model %s: the answer is not JSON", a.Model)
	}
	return documents.Analysis{Value: value, Model: answer.Served.UpstreamModel,
		InputTokens: answer.Served.Usage.Input, OutputTokens: answer.Served.Usage.Output}, nil
}

func content(said completion) (string, error) {
	if len(said.Choices) == 0 {
		return "", errors.New("the answer has no choices")
	}
	choice := said.Choices[0]
	switch {
	case choice.Message.Refusal != "" || choice.FinishReason == "content_filter":
		return "", &documents.Rejected{Reason: "the model refused to analyse the document"}
	case choice.FinishReason == "length":
		return "", &documents.Rejected{Reason: "the analysis is longer than the model may answer"}
	default:
		return choice.Message.Content, nil
	}
}

// judge tells errors that may pass from those that will not. What the provider
// says may repeat the document, and is left out.
func judge(err error) error {
	var answered *models.Error
	if !errors.As(err, &answered) {
		return err
	}
	switch {
	case answered.Status == http.StatusRequestEntityTooLarge, answered.Code == "context_length_exceeded":
		return &documents.Rejected{Reason: "the document is too large for the model", TooLarge: true}
	case answered.Status == http.StatusBadRequest, answered.Status == http.StatusUnprocessableEntity:
		return &documents.Rejected{Reason: fmt.Sprintf("the model's API refuses the request (%d %s)", answered.Status, answered.Code)}
	default:
		// A wrong key, too, is mended by the operator, and then the document is analysed.
		return fmt.Errorf("it answered %d %s", answered.Status, answered.Code)
	}
}
