package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"tandem/runtime/models"
)

// Parse reads a request for a route that speaks another language. What the
// route lacks is a *models.Error that names the parameter, unless the value is
// the one that changes nothing, such as n = 1. Members that do not bear on the
// answer, such as metadata, are left out.
func Parse(body *models.Body) (*Request, error) {
	p := &parser{}
	for _, name := range body.Names() {
		value := body.Get(name)
		if string(value) == "null" {
			continue
		}
		if err := p.member(name, value); err != nil {
			return nil, err
		}
	}
	if len(p.request.Turns) == 0 {
		return nil, models.Invalid("messages", "messages must hold at least one message of the user.")
	}
	if p.request.ToolChoice.Mode != "" && p.request.ToolChoice.Mode != ChoiceNone && len(p.request.Tools) == 0 {
		return nil, models.Invalid("tool_choice", "tool_choice makes sense with tools only.")
	}
	return &p.request, nil
}

type parser struct{ request Request }

// without are members that do not bear on the answer.
var without = []string{
	"model", "stream", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
}

// neutral are members that no other API has, with the values that change nothing.
var neutral = map[string][]string{
	"n":                 {"1"},
	"logprobs":          {"false"},
	"top_logprobs":      {"0"},
	"logit_bias":        {"{}"},
	"presence_penalty":  {"0", "0.0"},
	"frequency_penalty": {"0", "0.0"},
	"store":             {"false"},
	"service_tier":      {`"auto"`, `"default"`},
	"modalities":        {`["text"]`},
	"verbosity":         {`"medium"`},
	"functions":         {"[]"},
	"function_call":     {`"none"`, `"auto"`},
}

func (p *parser) member(name string, value json.RawMessage) error {
	r := &p.request
	switch name {
	case "messages":
		return p.messages(value)
	case "tools":
		return p.tools(value)
	case "tool_choice":
		return p.toolChoice(value)
	case "response_format":
		return p.format(value)
	case "parallel_tool_calls":
		var parallel bool
		err := decode(name, value, &parallel)
		r.NoParallelCalls = !parallel
		return err
	case "max_tokens", "max_completion_tokens":
		var limit int
		if err := decode(name, value, &limit); err != nil {
			return err
		}
		if limit < 1 {
			return models.Invalid(name, "%s is %d, 1 is the least.", name, limit)
		}
		if r.MaxTokens == 0 || name == "max_completion_tokens" { // the newer name of the two
			r.MaxTokens = limit
		}
		return nil
	case "temperature":
		return number(name, value, &r.Temperature)
	case "top_p":
		return number(name, value, &r.TopP)
	case "stop":
		return p.stop(value)
	case "reasoning_effort":
		return decode(name, value, &r.Effort)
	case "user":
		return decode(name, value, &r.User)
	case "stream_options":
		var options struct {
			IncludeUsage bool `json:"include_usage"`
		}
		err := decode(name, value, &options)
		r.IncludeUsage = options.IncludeUsage
		return err
	}
	if slices.Contains(without, name) {
		return nil
	}
	if values, found := neutral[name]; found {
		var compact bytes.Buffer
		if json.Compact(&compact, value) == nil && slices.Contains(values, compact.String()) {
			return nil
		}
	}
	return models.Unsupported(name, "The route of this model has no equal of %q; leave it out, or use a model of an OpenAI-compatible route.", name)
}

// number reads a number of 0 to 1, the range that all other APIs have.
func number(name string, value json.RawMessage, into **float64) error {
	if err := decode(name, value, into); err != nil {
		return err
	}
	if **into < 0 || **into > 2 {
		return models.Invalid(name, "%s is %v, and goes from 0 to 2.", name, **into)
	}
	if **into > 1 {
		return models.Unsupported(name, "%s is %v, and 1 is the most with the route of this model.", name, **into)
	}
	return nil
}

func (p *parser) stop(value json.RawMessage) error {
	var one string
	if json.Unmarshal(value, &one) == nil {
		p.request.Stop = []string{one}
		return nil
	}
	return decode("stop", value, &p.request.Stop)
}

func (p *parser) tools(value json.RawMessage) error {
	var list []struct {
		Type     string          `json:"type"`
		Function json.RawMessage `json:"function"`
	}
	if err := decode("tools", value, &list); err != nil {
		return err
	}
	for i, each := range list {
		param := fmt.Sprintf("tools[%d]", i)
		if each.Type != "function" {
			return models.Unsupported(param+".type", "The route of this model knows tools of the type function only, not %q.", each.Type)
		}
		var tool Tool
		if err := strictly(param+".function", each.Function, &tool); err != nil {
			return err
		}
		if tool.Name == "" {
			return models.Invalid(param+".function.name", "A function needs a name.")
		}
		if len(tool.Parameters) == 0 || string(tool.Parameters) == "null" {
			tool.Parameters = json.RawMessage(`{"type":"object","properties":{}}`)
		}
		if tool.Parameters[0] != '{' {
			return models.Invalid(param+".function.parameters", "The parameters of a function are a JSON schema, an object.")
		}
		p.request.Tools = append(p.request.Tools, tool)
	}
	return nil
}

func (p *parser) toolChoice(value json.RawMessage) error {
	choice := &p.request.ToolChoice
	if json.Unmarshal(value, &choice.Mode) == nil {
		if !slices.Contains([]string{ChoiceAuto, ChoiceNone, ChoiceRequired}, choice.Mode) {
			return models.Invalid("tool_choice", "tool_choice is auto, none, required or names a function; it is not %q.", choice.Mode)
		}
		return nil
	}
	var named struct {
		Type     string `json:"type"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if err := decode("tool_choice", value, &named); err != nil {
		return err
	}
	if named.Type != "function" || named.Function.Name == "" {
		return models.Unsupported("tool_choice", "The route of this model can be told to call one function by its name, or auto, none, required.")
	}
	*choice = ToolChoice{Mode: ChoiceNamed, Name: named.Function.Name}
	return nil
}

func (p *parser) format(value json.RawMessage) error {
	var format struct {
		Type       string          `json:"type"`
		JSONSchema json.RawMessage `json:"json_schema"`
	}
	if err := decode("response_format", value, &format); err != nil {
		return err
	}
	switch format.Type {
	case "text":
		return nil
	case "json_schema":
		p.request.Format = &Format{}
		if err := strictly("response_format.json_schema", format.JSONSchema, p.request.Format); err != nil {
			return err
		}
		if schema := p.request.Format.Schema; len(schema) == 0 || schema[0] != '{' {
			return models.Invalid("response_format.json_schema.schema", "json_schema needs a schema, an object.")
		}
		return nil
	default:
		return models.Unsupported("response_format.type", "The route of this model has no equal of %q; use json_schema.", format.Type)
	}
}

// strictly reads a value and refuses members that nobody here knows.
func strictly(param string, value json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return models.Unsupported(param, "%s cannot be told to the route of this model: %s.", param, err)
	}
	return nil
}
