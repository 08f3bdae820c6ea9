package chat

import (
	"encoding/json"
	"time"

	"tandem/runtime/models"
)

// Chunks writes the chunks of one answer.
type Chunks struct {
	ID      string
	Model   string
	Created time.Time
}

type chunkShape struct {
	ID      string             `json:"id"`
	Object  string             `json:"object"`
	Created int64              `json:"created"`
	Model   string             `json:"model"`
	Choices []chunkChoiceShape `json:"choices"`
	Usage   *usageShape        `json:"usage,omitempty"`
}

type chunkChoiceShape struct {
	Index        int        `json:"index"`
	Delta        deltaShape `json:"delta"`
	Logprobs     *struct{}  `json:"logprobs"`
	FinishReason *Finish    `json:"finish_reason"`
}

type deltaShape struct {
	Role      string          `json:"role,omitempty"`
	Content   *string         `json:"content,omitempty"`
	Refusal   *string         `json:"refusal,omitempty"`
	ToolCalls []toolCallShape `json:"tool_calls,omitempty"`
}

func (c Chunks) render(choices []chunkChoiceShape, usage *usageShape) json.RawMessage {
	body, err := json.Marshal(chunkShape{ID: c.ID, Object: "chat.completion.chunk", Created: c.Created.Unix(), Model: c.Model, Choices: choices, Usage: usage})
	if err != nil {
		panic("chat: rendering a chunk: " + err.Error()) // strings and numbers always render
	}
	return body
}

func (c Chunks) delta(delta deltaShape) json.RawMessage {
	return c.render([]chunkChoiceShape{{Delta: delta}}, nil)
}

// Start is the first chunk: who speaks.
func (c Chunks) Start() json.RawMessage {
	var empty string
	return c.delta(deltaShape{Role: "assistant", Content: &empty})
}

// Text is a piece of the answer.
func (c Chunks) Text(piece string) json.RawMessage { return c.delta(deltaShape{Content: &piece}) }

// Refusal is a piece of the reason why the model does not answer.
func (c Chunks) Refusal(piece string) json.RawMessage { return c.delta(deltaShape{Refusal: &piece}) }

// ToolCall begins the index'th call of a function, counted from 0.
func (c Chunks) ToolCall(index int, id, name string) json.RawMessage {
	return c.delta(deltaShape{ToolCalls: []toolCallShape{{Index: &index, ID: id, Type: "function", Function: functionShape{Name: name}}}})
}

// Arguments is a piece of the arguments of the index'th call.
func (c Chunks) Arguments(index int, piece string) json.RawMessage {
	return c.delta(deltaShape{ToolCalls: []toolCallShape{{Index: &index, Function: functionShape{Arguments: piece}}}})
}

// End tells why the answer ended.
func (c Chunks) End(finish Finish) json.RawMessage {
	return c.render([]chunkChoiceShape{{FinishReason: &finish}}, nil)
}

// Usage is the last chunk, for clients that asked for it.
func (c Chunks) Usage(usage models.Usage) json.RawMessage {
	return c.render([]chunkChoiceShape{}, shapeOf(usage))
}
