package modelstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/eventstream"

	"tandem/runtime/models"
)

// Bedrock is the language of Amazon Bedrock's Converse API.
type Bedrock struct{}

var _ Wire = Bedrock{}

// amazonErrors are the names of errors by their status
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors, 2026-11-24).
var amazonErrors = map[int]string{
	400: "ValidationException", 401: "UnrecognizedClientException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
	408: "ModelTimeoutException", 424: "ModelErrorException", 429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException",
}

// Error implements Wire. The name of the error is in a header.
func (Bedrock) Error(_ int, message string) string {
	return fmt.Sprintf(`{"message":%s}`, models.Quote(message))
}

// Answer implements Wire.
func (b Bedrock) Answer(w http.ResponseWriter, r *http.Request, _ []byte, s Script) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/invoke"):
		raw, _ := json.Marshal(s.Vectors[0])
		w.Header().Set("Content-Type", "application/json")
		say(w, `{"embedding":%s,"inputTextTokenCount":%d}`, raw, s.Usage.Input)
	case strings.HasSuffix(r.URL.Path, "/converse-stream"):
		b.stream(w, r, s)
	default:
		b.whole(w, s)
	}
}

func (b Bedrock) stop(s Script) string {
	switch {
	case s.Refusal != "":
		return "content_filtered"
	case len(s.ToolCalls) > 0:
		return "tool_use"
	case s.Length:
		return "max_tokens"
	default:
		return "end_turn"
	}
}

func (b Bedrock) usage(u models.Usage) string {
	return fmt.Sprintf(`{"inputTokens":%d,"outputTokens":%d,"totalTokens":%d,"cacheReadInputTokens":%d,"cacheWriteInputTokens":0}`,
		u.Input-u.CachedInput, u.Output, u.Input+u.Output, u.CachedInput)
}

func (b Bedrock) whole(w http.ResponseWriter, s Script) {
	w.Header().Set("Content-Type", "application/json")
	switch s.Fault {
	case Malformed:
		say(w, `{"output":{"message":{"role":"assistant","content":[{`)
		return
	case Empty:
		say(w, `{}`)
		return
	case CutEarly, CutMid, EndMid, ErrorMid:
		w.Header().Set("Content-Length", "10000")
		say(w, `{"output":`)
		cut()
	}
	content := []any{map[string]any{"reasoningContent": map[string]any{"reasoningText": map[string]any{"text": "hm"}}}}
	if len(s.Text) > 0 {
		content = append(content, map[string]any{"text": s.whole()})
	}
	for _, call := range s.ToolCalls {
		content = append(content, map[string]any{"toolUse": map[string]any{"toolUseId": call.ID, "name": call.Name, "input": json.RawMessage(call.whole())}})
	}
	raw, _ := json.Marshal(content)
	say(w, `{"output":{"message":{"role":"assistant","content":%s}},"stopReason":%q,"usage":%s,"metrics":{"latencyMs":10}}`, raw, b.stop(s), b.usage(s.Usage))
}

func (b Bedrock) stream(w http.ResponseWriter, r *http.Request, s Script) {
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	w.WriteHeader(http.StatusOK)
	flush(w)
	switch s.Fault {
	case CutEarly:
		cut()
	case Empty:
		return
	}
	encoder := eventstream.NewEncoder()
	send := func(header, kind, name, format string, values ...any) {
		message := eventstream.Message{Payload: fmt.Appendf(nil, format, values...)}
		message.Headers.Set(":message-type", eventstream.StringValue(kind))
		message.Headers.Set(header, eventstream.StringValue(name))
		message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
		if encoder.Encode(w, message) != nil {
			cut()
		}
		flush(w)
		rest(r, s.Pause)
	}
	event := func(name, format string, values ...any) { send(":event-type", "event", name, format, values...) }
	event("messageStart", `{"role":"assistant"}`)
	if s.Fault == Malformed {
		say(w, "this is no frame, and much longer than the head of one would be: the checksum can't be right")
		return
	}
	index := 0
	if len(s.Text) > 0 {
		for _, piece := range s.Text[:s.half()] {
			event("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":%s}}`, models.Quote(piece))
		}
		switch s.Fault {
		case CutMid:
			cut()
		case EndMid:
			return
		case ErrorMid:
			send(":exception-type", "exception", "modelStreamErrorException", `{"message":%s,"originalStatusCode":500}`, models.Quote(s.Message))
			return
		}
		event("contentBlockStop", `{"contentBlockIndex":0}`)
		index++
	}
	for _, call := range s.ToolCalls {
		event("contentBlockStart", `{"contentBlockIndex":%d,"start":{"toolUse":{"toolUseId":%q,"name":%q}}}`, index, call.ID, call.Name)
		for _, piece := range call.Arguments {
			event("contentBlockDelta", `{"contentBlockIndex":%d,"delta":{"toolUse":{"input":%s}}}`, index, models.Quote(piece))
		}
		event("contentBlockStop", `{"contentBlockIndex":%d}`, index)
		index++
	}
	event("messageStop", `{"stopReason":%q}`, b.stop(s))
	event("metadata", `{"usage":%s,"metrics":{"latencyMs":10}}`, b.usage(s.Usage))
}
