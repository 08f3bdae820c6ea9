package chat

import (
	"encoding/json"
	"fmt"
	"time"

	"tandem/runtime/models"
)

// Completion is an answer in one piece.
type Completion struct {
	ID      string
	Model   string
	Created time.Time
	Message Answer
	// Finish is why the answer ended.
	Finish Finish
	Usage  models.Usage
}

// Answer is what the model said.
type Answer struct {
	// Content is nil where there is none beside tool calls or a refusal.
	Content *string
	// Refusal is nil where the model did not refuse.
	Refusal   *string
	ToolCalls []ToolCall
}

// Finish is why an answer ended.
type Finish string

// The reasons that OpenAI knows.
const (
	FinishStop      Finish = "stop"
	FinishLength    Finish = "length"
	FinishToolCalls Finish = "tool_calls"
	FinishFilter    Finish = "content_filter"
)

// ToolCall is a model's wish to have a function called.
type ToolCall struct {
	ID   string
	Name string
	// Arguments as a JSON text.
	Arguments string
}

type functionShape struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

type toolCallShape struct {
	// Index is set in chunks only.
	Index    *int          `json:"index,omitempty"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function functionShape `json:"function"`
}

type usageShape struct {
	Prompt        int `json:"prompt_tokens"`
	Completion    int `json:"completion_tokens"`
	Total         int `json:"total_tokens"`
	PromptDetails struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

func shapeOf(u models.Usage) *usageShape {
	shape := &usageShape{Prompt: u.Input, Completion: u.Output, Total: u.Input + u.Output}
	shape.PromptDetails.Cached = u.CachedInput
	return shape
}

type completionShape struct {
	ID      string        `json:"id"`
	Object  string        `json:"object"`
	Created int64         `json:"created"`
	Model   string        `json:"model"`
	Choices []choiceShape `json:"choices"`
	Usage   *usageShape   `json:"usage"`
}

type choiceShape struct {
	Index   int `json:"index"`
	Message struct {
		Role      string          `json:"role"`
		Content   *string         `json:"content"`
		Refusal   *string         `json:"refusal"`
		ToolCalls []toolCallShape `json:"tool_calls,omitempty"`
	} `json:"message"`
	Logprobs     *struct{} `json:"logprobs"`
	FinishReason Finish    `json:"finish_reason"`
}

// Reply renders the completion.
func (c Completion) Reply() (*models.Reply, error) {
	shape := completionShape{ID: c.ID, Object: "chat.completion", Created: c.Created.Unix(), Model: c.Model, Usage: shapeOf(c.Usage)}
	choice := choiceShape{FinishReason: c.Finish}
	choice.Message.Role = "assistant"
	choice.Message.Content, choice.Message.Refusal = c.Message.Content, c.Message.Refusal
	for _, call := range c.Message.ToolCalls {
		choice.Message.ToolCalls = append(choice.Message.ToolCalls, toolCallShape{
			ID: call.ID, Type: "function", Function: functionShape{Name: call.Name, Arguments: call.Arguments}})
	}
	shape.Choices = []choiceShape{choice}
	body, err := json.Marshal(shape)
	if err != nil {
		return nil, fmt.Errorf("rendering an answer: %w", err)
	}
	return &models.Reply{Body: body, Usage: c.Usage}, nil
}
