package fake

import (
	"encoding/json"
	"fmt"
	"strings"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
)

// utterance is what the fake model says.
type utterance struct {
	words      []string
	calls      []chat.ToolCall
	usage      models.Usage
	wantsUsage bool
	cut        bool
	// choices is how often it is said.
	choices int
	// repeated is how many words there are where all are the same.
	repeated int
}

type request struct {
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Type     string `json:"type"`
		Function struct {
			Name       string          `json:"name"`
			Parameters json.RawMessage `json:"parameters"`
		} `json:"function"`
	} `json:"tools"`
	ToolChoice     json.RawMessage `json:"tool_choice"`
	Stream         bool            `json:"stream"`
	N              *float64        `json:"n"`
	Temperature    *float64        `json:"temperature"`
	TopP           *float64        `json:"top_p"`
	MaxTokens      *int            `json:"max_tokens"`
	MaxCompletion  *int            `json:"max_completion_tokens"`
	ResponseFormat *struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Name   string          `json:"name"`
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	PresencePenalty  *float64 `json:"presence_penalty"`
	FrequencyPenalty *float64 `json:"frequency_penalty"`
	StreamOptions    *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

func answer(body *models.Body) (*utterance, error) {
	asked, err := parse(body)
	if err != nil {
		return nil, err
	}
	last := asked.Messages[len(asked.Messages)-1]
	prompt := text(last.Content)
	said := &utterance{wantsUsage: asked.StreamOptions != nil && asked.StreamOptions.IncludeUsage, choices: asked.choices()}
	for _, message := range asked.Messages {
		said.usage.Input += tokens(text(message.Content))
	}
	if last.Role != "tool" {
		said.calls = asked.toolCalls(prompt)
	}
	if len(said.calls) > 0 {
		for _, call := range said.calls {
			said.usage.Output += tokens(call.Arguments) + 1
		}
		return said, nil
	}
	said.words = strings.SplitAfter(asked.reply(last.Role, prompt), " ")
	for _, limit := range []*int{asked.MaxTokens, asked.MaxCompletion} {
		if limit != nil && *limit < len(said.words) {
			said.words, said.cut = said.words[:*limit], true
		}
	}
	said.usage.Output = len(said.words) * said.choices
	return said, nil
}

func (r *request) reply(role, prompt string) string {
	if format := r.ResponseFormat; format != nil && format.Type == "json_schema" {
		return string(example(format.JSONSchema.Schema, prompt))
	} else if format != nil && format.Type == "json_object" {
		return fmt.Sprintf(`{"answer":%s}`, models.Quote(prompt))
	}
	if role == "tool" {
		return "The tool said: " + prompt
	}
	return "You said: " + prompt
}

// toolCalls are those that the client insists on, or that the prompt names.
func (r *request) toolCalls(prompt string) []chat.ToolCall {
	var choice string
	var named struct {
		Function struct{ Name string }
	}
	_ = json.Unmarshal(r.ToolChoice, &choice) // an object is read below
	_ = json.Unmarshal(r.ToolChoice, &named)
	var calls []chat.ToolCall
	for i, tool := range r.Tools {
		name := tool.Function.Name
		if name == "" || choice == "none" || named.Function.Name != "" && named.Function.Name != name {
			continue
		}
		if named.Function.Name == name || strings.Contains(prompt, name) || choice == "required" && i == len(r.Tools)-1 && len(calls) == 0 {
			calls = append(calls, chat.ToolCall{ID: fmt.Sprintf("call_fake_%d", len(calls)), Name: name, Arguments: string(example(tool.Function.Parameters, prompt))})
		}
	}
	return calls
}

// text is a message's text, of all parts.
func text(content json.RawMessage) string {
	var plain string
	if json.Unmarshal(content, &plain) == nil {
		return plain
	}
	var parts []struct{ Type, Text string }
	_ = json.Unmarshal(content, &parts) // null and other things have no text
	var all []string
	for _, part := range parts {
		if part.Text != "" {
			all = append(all, part.Text)
		} else {
			all = append(all, "["+part.Type+"]")
		}
	}
	return strings.Join(all, " ")
}

// tokens is a rough count: four bytes each, at least one.
func tokens(text string) int { return max(1, (len(text)+3)/4) }

func (u *utterance) finish() chat.Finish {
	switch {
	case len(u.calls) > 0:
		return chat.FinishToolCalls
	case u.cut:
		return chat.FinishLength
	default:
		return chat.FinishStop
	}
}

func (u *utterance) repeat(words int) {
	u.words, u.calls, u.repeated, u.usage.Output = nil, nil, words, words
}

// pieces is how many chunks the utterance has between the first and the last:
// one a word, two a tool call.
func (u *utterance) pieces() int { return u.repeated + len(u.words) + 2*len(u.calls) }

func (u *utterance) piece(chunks chat.Chunks, i int) json.RawMessage {
	switch {
	case u.repeated > 0:
		return chunks.Text("word ")
	case len(u.calls) == 0:
		return chunks.Text(u.words[i])
	case i%2 == 0:
		return chunks.ToolCall(i/2, u.calls[i/2].ID, u.calls[i/2].Name)
	default:
		return chunks.Arguments(i/2, u.calls[i/2].Arguments)
	}
}
