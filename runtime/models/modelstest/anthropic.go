package modelstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"tandem/runtime/models"
)

// Anthropic is the language of Anthropic's Messages API.
type Anthropic struct{}

var _ Wire = Anthropic{}

// anthropicErrors are the types of errors by their status
// (https://docs.anthropic.com/en/api/errors, 2026-11-24).
var anthropicErrors = map[int]string{
	400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
	413: "request_too_large", 429: "rate_limit_error", 500: "api_error", 503: "api_error", 529: "overloaded_error",
}

// Error implements Wire.
func (Anthropic) Error(status int, message string) string {
	return fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":%s},"request_id":"req_1"}`, anthropicErrors[status], models.Quote(message))
}

// Answer implements Wire.
func (a Anthropic) Answer(w http.ResponseWriter, r *http.Request, body []byte, s Script) {
	if bytes.Contains(body, []byte(`"stream":true`)) {
		a.stream(w, r, s)
		return
	}
	a.whole(w, s)
}

func (a Anthropic) stop(s Script) (reason, details string) {
	switch {
	case s.Refusal != "":
		return "refusal", fmt.Sprintf(`{"type":"refusal","category":null,"explanation":%s}`, models.Quote(s.Refusal))
	case len(s.ToolCalls) > 0:
		return "tool_use", "null"
	case s.Length:
		return "max_tokens", "null"
	default:
		return "end_turn", "null"
	}
}

func (a Anthropic) usage(u models.Usage) string {
	return fmt.Sprintf(`{"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":%d,"output_tokens":%d,"service_tier":"standard"}`,
		u.Input-u.CachedInput, u.CachedInput, u.Output)
}

func (a Anthropic) whole(w http.ResponseWriter, s Script) {
	w.Header().Set("Content-Type", "application/json")
	switch s.Fault {
	case Malformed:
		say(w, `{"id":"msg_1","type":"message","role":"assistant","content":[{"type":`)
		return
	case Empty:
		return
	case CutEarly, CutMid, EndMid, ErrorMid:
		w.Header().Set("Content-Length", "10000")
		say(w, `{"id":`)
		cut()
	}
	content := []any{map[string]any{"type": "thinking", "thinking": "hm", "signature": "x"}}
	if len(s.Text) > 0 {
		content = append(content, map[string]any{"type": "text", "text": s.whole()})
	}
	for _, call := range s.ToolCalls {
		content = append(content, map[string]any{"type": "tool_use", "id": call.ID, "name": call.Name, "input": json.RawMessage(call.whole())})
	}
	raw, _ := json.Marshal(content)
	reason, details := a.stop(s)
	say(w, `{"id":"msg_1","type":"message","role":"assistant","model":"claude-x-20260101","content":%s,"stop_reason":%q,"stop_sequence":null,"stop_details":%s,"usage":%s}`,
		raw, reason, details, a.usage(s.Usage))
}

func (a Anthropic) stream(w http.ResponseWriter, r *http.Request, s Script) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	flush(w)
	switch s.Fault {
	case CutEarly:
		cut()
	case Empty:
		return
	}
	event := func(kind, format string, values ...any) {
		say(w, "event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, fmt.Sprintf(format, values...))
		rest(r, s.Pause)
	}
	event("message_start", `,"message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-x-20260101","stop_reason":null,"stop_sequence":null,"usage":%s}`,
		a.usage(models.Usage{Input: s.Usage.Input, CachedInput: s.Usage.CachedInput, Output: 1}))
	event("ping", "")
	if s.Fault == Malformed {
		say(w, "event: content_block_start\ndata: {\"type\":\n\n")
		return
	}
	index := 0
	if len(s.Text) > 0 {
		event("content_block_start", `,"index":%d,"content_block":{"type":"text","text":""}`, index)
		for _, piece := range s.Text[:s.half()] {
			event("content_block_delta", `,"index":%d,"delta":{"type":"text_delta","text":%s}`, index, models.Quote(piece))
		}
		switch s.Fault {
		case CutMid:
			cut()
		case EndMid:
			return
		case ErrorMid:
			say(w, "event: error\ndata: %s\n\n", a.Error(529, s.Message))
			return
		}
		event("content_block_stop", `,"index":%d`, index)
		index++
	}
	for _, call := range s.ToolCalls {
		event("content_block_start", `,"index":%d,"content_block":{"type":"tool_use","id":%q,"name":%q,"input":{}}`, index, call.ID, call.Name)
		for _, piece := range call.Arguments {
			event("content_block_delta", `,"index":%d,"delta":{"type":"input_json_delta","partial_json":%s}`, index, models.Quote(piece))
		}
		event("content_block_stop", `,"index":%d`, index)
		index++
	}
	reason, details := a.stop(s)
	event("message_delta", `,"delta":{"stop_reason":%q,"stop_sequence":null,"stop_details":%s},"usage":{"output_tokens":%d}`, reason, details, s.Usage.Output)
	event("message_stop", "")
}
