package chat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/runtime/models"
)

type messageShape struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	Name       string          `json:"name"`
	Refusal    string          `json:"refusal"`
	ToolCallID string          `json:"tool_call_id"`
	ToolCalls  []struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// known are the members of a message. Others are refused unless they are empty,
// as in an answer of the assistant that is sent back whole.
var known = []string{"role", "content", "name", "refusal", "tool_call_id", "tool_calls"}

func (p *parser) messages(value json.RawMessage) error {
	var list []json.RawMessage
	if err := decode("messages", value, &list); err != nil {
		return err
	}
	for i, raw := range list {
		if err := p.message(fmt.Sprintf("messages[%d]", i), raw); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) message(param string, raw json.RawMessage) error {
	var members map[string]json.RawMessage
	if err := decode(param, raw, &members); err != nil {
		return err
	}
	for name, value := range members {
		if !slices.Contains(known, name) && !slices.Contains([]string{"null", "[]", "{}", `""`}, string(value)) {
			return models.Unsupported(param+"."+name, "The route of this model has no equal of %q in a message.", name)
		}
	}
	var message messageShape
	if err := decode(param, raw, &message); err != nil {
		return err
	}
	if message.Name != "" && message.Role != "tool" { // a tool's result is found by its call
		return models.Unsupported(param+".name", "The route of this model does not tell participants apart by name.")
	}
	switch message.Role {
	case "system", "developer":
		if len(p.request.Turns) > 0 {
			return models.Unsupported(param+".role", "The route of this model takes messages of the role %s at the beginning only.", message.Role)
		}
		text, err := onlyText(param, message.Content)
		if text != "" {
			p.request.System = append(p.request.System, text)
		}
		return err
	case "user":
		blocks, err := parts(param+".content", message.Content)
		p.say(false, blocks...)
		return err
	case "assistant":
		return p.assistant(param, message)
	case "tool":
		text, err := onlyText(param, message.Content)
		if err == nil && message.ToolCallID == "" {
			err = models.Invalid(param+".tool_call_id", "A message of the role tool says which call it answers.")
		}
		p.say(false, Block{ToolResult: &ToolResult{CallID: message.ToolCallID, Text: text}})
		return err
	default:
		return models.Unsupported(param+".role", "The route of this model does not know the role %q.", message.Role)
	}
}

func (p *parser) assistant(param string, message messageShape) error {
	text, err := onlyText(param, message.Content)
	if err != nil {
		return err
	}
	if text += message.Refusal; text != "" {
		p.say(true, Block{Text: text})
	}
	for i, call := range message.ToolCalls {
		at := fmt.Sprintf("%s.tool_calls[%d]", param, i)
		if call.Type != "function" {
			return models.Unsupported(at+".type", "The route of this model knows calls of functions only, not %q.", call.Type)
		}
		arguments := strings.TrimSpace(call.Function.Arguments)
		if arguments == "" {
			arguments = "{}"
		}
		if arguments[0] != '{' || !json.Valid([]byte(arguments)) {
			return models.Invalid(at+".function.arguments", "The arguments of a call are a JSON object, in a text.")
		}
		p.say(true, Block{ToolCall: &ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: arguments}})
	}
	return nil
}

// say adds to the turn of who speaks, or begins one: other APIs want the sides
// to alternate.
func (p *parser) say(assistant bool, blocks ...Block) {
	if len(blocks) == 0 {
		return
	}
	turns := p.request.Turns
	if len(turns) == 0 || turns[len(turns)-1].Assistant != assistant {
		p.request.Turns = append(p.request.Turns, Turn{Assistant: assistant, Blocks: blocks})
		return
	}
	last := &turns[len(turns)-1]
	last.Blocks = append(last.Blocks, blocks...)
}

// onlyText joins the parts of a content that can hold nothing else.
func onlyText(param string, content json.RawMessage) (string, error) {
	blocks, err := parts(param+".content", content)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, block := range blocks {
		if block.Image != nil || block.File != nil {
			return "", models.Unsupported(param+".content", "A message of this role holds text only, with the route of this model.")
		}
		text.WriteString(block.Text)
	}
	return text.String(), nil
}
