package fake

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"tandem/runtime/models"
)

// parse reads a request, and refuses what OpenAI's API refuses: what is wrong
// should be found on one's own machine.
func parse(body *models.Body) (*request, error) {
	var asked request
	if err := json.Unmarshal(body.Raw(), &asked); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return nil, withCode("invalid_type", models.Invalid(wrong.Field, "Invalid type for '%s': a %s will not do.", wrong.Field, wrong.Value))
		}
		return nil, models.Invalid("", "The request is not a chat request.")
	}
	for _, check := range []func(*request) error{checkMessages, checkNumbers, checkFormat, checkTools} {
		if err := check(&asked); err != nil {
			return nil, err
		}
	}
	if asked.StreamOptions != nil && !asked.Stream {
		return nil, models.Invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
	}
	return &asked, nil
}

func withCode(code string, err *models.Error) error {
	err.Code = code
	return err
}

func checkMessages(r *request) error {
	if len(r.Messages) == 0 {
		return models.Invalid("messages", "messages must hold at least one message.")
	}
	for i, message := range r.Messages {
		at := "messages[" + strconv.Itoa(i) + "]"
		if !slices.Contains([]string{"system", "developer", "user", "assistant", "tool", "function"}, message.Role) {
			return withCode("invalid_value", models.Invalid(at+".role", "Invalid value: '%s' is no role.", message.Role))
		}
		empty := len(message.Content) == 0 || string(message.Content) == "null"
		switch {
		case empty && message.Role != "assistant":
			return models.Invalid(at+".content", "A message of the role %s needs a content, a text or a list of parts.", message.Role)
		case !empty && message.Content[0] != '"' && message.Content[0] != '[':
			return withCode("invalid_type", models.Invalid(at+".content", "Invalid type for '%s.content': a text or a list of parts is expected.", at))
		}
	}
	return nil
}

// maxChoices is OpenAI's (https://platform.openai.com/docs/api-reference/chat/create, 2026-11-24).
const maxChoices = 128

func checkNumbers(r *request) error {
	for _, bound := range []struct {
		name        string
		value       *float64
		least, most float64
	}{
		{"n", r.N, 1, maxChoices},
		{"temperature", r.Temperature, 0, 2},
		{"top_p", r.TopP, 0, 1},
		{"presence_penalty", r.PresencePenalty, -2, 2},
		{"frequency_penalty", r.FrequencyPenalty, -2, 2},
	} {
		switch {
		case bound.value == nil:
		case *bound.value < bound.least:
			return withCode("decimal_below_min_value", models.Invalid(bound.name, "Invalid '%s': %v is the least.", bound.name, bound.least))
		case *bound.value > bound.most:
			return withCode("decimal_above_max_value", models.Invalid(bound.name, "Invalid '%s': %v is the most.", bound.name, bound.most))
		}
	}
	for name, limit := range map[string]*int{"max_tokens": r.MaxTokens, "max_completion_tokens": r.MaxCompletion} {
		if limit != nil && *limit < 1 {
			return withCode("integer_below_min_value", models.Invalid(name, "Invalid '%s': 1 is the least.", name))
		}
	}
	if r.choices() > 1 && r.Stream {
		return models.Unsupported("n", "The built-in model streams one choice; leave n out, or stream out.")
	}
	return nil
}

func (r *request) choices() int {
	if r.N == nil {
		return 1
	}
	return int(*r.N)
}

func checkFormat(r *request) error {
	format := r.ResponseFormat
	switch {
	case format == nil || format.Type == "text" || format.Type == "json_object":
		return nil
	case format.Type != "json_schema":
		return withCode("invalid_value", models.Invalid("response_format.type", "Invalid value: '%s'. It is text, json_object or json_schema.", format.Type))
	case format.JSONSchema.Name == "":
		return withCode("missing_required_parameter", models.Invalid("response_format.json_schema.name", "Missing required parameter: 'response_format.json_schema.name'."))
	default:
		return nil
	}
}

func checkTools(r *request) error {
	if r.Tools != nil && len(r.Tools) == 0 {
		return withCode("empty_array", models.Invalid("tools", "Invalid 'tools': an empty list; leave it out."))
	}
	for i, tool := range r.Tools {
		at := "tools[" + strconv.Itoa(i) + "]"
		switch {
		case tool.Type != "function" && tool.Type != "custom":
			return withCode("invalid_value", models.Invalid(at+".type", "Invalid value: '%s'. It is function or custom.", tool.Type))
		case tool.Type == "function" && tool.Function.Name == "":
			return withCode("missing_required_parameter", models.Invalid(at+".function.name", "Missing required parameter: '%s.function.name'.", at))
		}
	}
	if len(r.Tools) == 0 && len(r.ToolChoice) > 0 && string(r.ToolChoice) != "null" && string(r.ToolChoice) != `"none"` {
		return models.Invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.")
	}
	return nil
}
