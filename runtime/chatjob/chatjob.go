package chatjob

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"time"
	"unicode/utf8"

	"tandem/runtime/models"
)

// ContentType marks an input as a chat request. To a container it is JSON.
const ContentType = `application/json; as=chat.completion`

// ModelKey of a job's metadata holds the name that the client asked for.
const ModelKey = "model"

// MaxResult is the largest output that is made into a completion, in bytes. It
// is held in memory.
const MaxResult = 32 << 20

// Marked tells whether an input is a chat request.
func Marked(contentType string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json" && parameters["as"] == "chat.completion"
}

// Input is the request as the container gets it.
func Input(body *models.Body) json.RawMessage {
	edits := []models.Edit{}
	if body.Get("stream") != nil {
		edits = append(edits, models.Edit{Name: "stream", Value: json.RawMessage("false")})
	}
	if body.Get("stream_options") != nil {
		// Servers refuse options of a stream that is none.
		edits = append(edits, models.Edit{Name: "stream_options", Value: json.RawMessage("null")})
	}
	if len(edits) == 0 {
		return body.Raw()
	}
	return body.With(edits...)
}

// Job is what a completion tells of the job that it is the result of.
type Job struct {
	// ID becomes the completion's.
	ID string
	// Model is the name that the client asked for.
	Model string
	// Created is when the answer was made.
	Created time.Time
}

// Completion makes a chat completion of a container's output.
func Completion(job Job, contentType string, output []byte) (json.RawMessage, error) {
	if isCompletion(output) {
		answer, err := models.ReadAnswer(output)
		if err != nil {
			return nil, err
		}
		return answer.Named(job.Model), nil
	}
	content, err := content(contentType, output)
	if err != nil {
		return nil, err
	}
	return json.Marshal(completion{
		ID: "chatcmpl-" + job.ID, Object: "chat.completion", Created: job.Created.Unix(), Model: job.Model,
		Choices: []choice{{Message: message{Role: "assistant", Content: content}, FinishReason: "stop"}},
	})
}

func isCompletion(output []byte) bool {
	var shape struct {
		Object  string            `json:"object"`
		Choices []json.RawMessage `json:"choices"`
	}
	return json.Unmarshal(output, &shape) == nil && shape.Object == "chat.completion" && len(shape.Choices) > 0
}

func content(contentType string, output []byte) (string, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil && media == "application/json" {
		var text string
		if json.Unmarshal(output, &text) == nil {
			return text, nil
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, output); err != nil {
			return "", fmt.Errorf("making a chat completion of the container's output, which says that it is JSON: %w", err)
		}
		return compact.String(), nil
	}
	if !utf8.Valid(output) {
		return "", fmt.Errorf("making a chat completion of the container's output: it is neither JSON nor text; it calls itself %q", contentType)
	}
	return string(output), nil
}

type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	// Usage is zero: only the container could know, and it did not say.
	Usage usage `json:"usage"`
}

type choice struct {
	Index        int     `json:"index"`
	Message      message `json:"message"`
	Logprobs     *string `json:"logprobs"`
	FinishReason string  `json:"finish_reason"`
}

type message struct {
	Role    string  `json:"role"`
	Content string  `json:"content"`
	Refusal *string `json:"refusal"`
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}
