package modelstest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"tandem/runtime/models"
)

// OpenAI is the language of OpenAI and of vLLM.
type OpenAI struct{}

var _ Wire = OpenAI{}

// Error implements Wire.
func (OpenAI) Error(status int, message string) string {
	return fmt.Sprintf(`{"error":{"message":%s,"type":"recorded_type","param":"messages","code":"recorded_%d"}}`, models.Quote(message), status)
}

// Answer implements Wire.
func (o OpenAI) Answer(w http.ResponseWriter, r *http.Request, body []byte, s Script) {
	var request struct {
		Stream        bool   `json:"stream"`
		Model         string `json:"model"`
		StreamOptions struct {
			IncludeUsage bool `json:"include_usage"`
		} `json:"stream_options"`
	}
	_ = json.Unmarshal(body, &request) // the tests look at what was sent
	switch {
	case s.Vectors != nil:
		o.embeddings(w, request.Model, s)
	case request.Stream:
		o.stream(w, r, request.Model, request.StreamOptions.IncludeUsage, s)
	default:
		o.whole(w, request.Model, s)
	}
}

func (o OpenAI) usage(u models.Usage) string {
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":%d,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}`,
		u.Input, u.Output, u.Input+u.Output, u.CachedInput)
}

func (o OpenAI) finish(s Script) string {
	switch {
	case len(s.ToolCalls) > 0:
		return "tool_calls"
	case s.Length:
		return "length"
	default:
		return "stop"
	}
}

func (o OpenAI) whole(w http.ResponseWriter, model string, s Script) {
	w.Header().Set("Content-Type", "application/json")
	switch s.Fault {
	case Malformed:
		say(w, `{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{`)
		return
	case Empty:
		return
	case CutEarly, CutMid, EndMid, ErrorMid:
		w.Header().Set("Content-Length", "10000")
		say(w, `{"id":`)
		cut()
	}
	message := map[string]any{"role": "assistant", "content": s.whole(), "refusal": nil, "annotations": []any{}}
	if s.Refusal != "" {
		message["content"], message["refusal"] = nil, s.Refusal
	}
	if len(s.ToolCalls) > 0 {
		var calls []any
		for _, call := range s.ToolCalls {
			calls = append(calls, map[string]any{"id": call.ID, "type": "function", "function": map[string]any{"name": call.Name, "arguments": call.whole()}})
		}
		message["tool_calls"] = calls
		if len(s.Text) == 0 {
			message["content"] = nil
		}
	}
	raw, _ := json.Marshal(message)
	say(w, `{"id":"chatcmpl-1","object":"chat.completion","created":1763900000,"model":%s,"choices":[{"index":0,"message":%s,"logprobs":null,"finish_reason":%q}],"usage":%s,"service_tier":"default","system_fingerprint":"fp_1"}`,
		models.Quote(model), raw, o.finish(s), o.usage(s.Usage))
}

func (o OpenAI) stream(w http.ResponseWriter, r *http.Request, model string, includeUsage bool, s Script) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	flush(w)
	switch s.Fault {
	case CutEarly:
		cut()
	case Empty:
		return
	}
	usage := ""
	if includeUsage {
		usage = `,"usage":null`
	}
	chunk := func(delta string) {
		say(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":%s,\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":null}]%s}\n\n",
			models.Quote(model), delta, usage)
		rest(r, s.Pause)
	}
	chunk(`{"role":"assistant","content":"","refusal":null}`)
	if s.Fault == Malformed {
		say(w, "data: {\"choices\":[\n\n")
		return
	}
	for _, piece := range s.Text[:s.half()] {
		chunk(fmt.Sprintf(`{"content":%s}`, models.Quote(piece)))
	}
	switch s.Fault {
	case CutMid:
		cut()
	case EndMid:
		return
	case ErrorMid:
		say(w, "data: %s\n\n", o.Error(http.StatusInternalServerError, s.Message))
		return
	}
	if s.Refusal != "" {
		chunk(fmt.Sprintf(`{"refusal":%s}`, models.Quote(s.Refusal)))
	}
	for i, call := range s.ToolCalls {
		chunk(fmt.Sprintf(`{"tool_calls":[{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":""}}]}`, i, call.ID, call.Name))
		for _, piece := range call.Arguments {
			chunk(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}`, i, models.Quote(piece)))
		}
	}
	say(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":%s,\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":%q}]%s}\n\n", models.Quote(model), o.finish(s), usage)
	if includeUsage {
		say(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":%s,\"choices\":[],\"usage\":%s}\n\n", models.Quote(model), o.usage(s.Usage))
	}
	say(w, "data: [DONE]\n\n")
}

func (o OpenAI) embeddings(w http.ResponseWriter, model string, s Script) {
	w.Header().Set("Content-Type", "application/json")
	var items []any
	for i, vector := range s.Vectors {
		items = append(items, map[string]any{"object": "embedding", "index": i, "embedding": vector})
	}
	raw, _ := json.Marshal(items)
	say(w, `{"object":"list","data":%s,"model":%s,"usage":{"prompt_tokens":%d,"total_tokens":%d}}`, raw, models.Quote(model), s.Usage.Input, s.Usage.Input)
}
