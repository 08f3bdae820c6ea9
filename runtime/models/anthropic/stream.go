package anthropic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/ssestream"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/models/upstream"
)

// ChatStream implements models.Provider.
func (p *Provider) ChatStream(ctx context.Context, request models.Request) (models.Stream, error) {
	params, wantsUsage, err := translate(request)
	if err != nil {
		return nil, err
	}
	events := p.messages.NewStreaming(ctx, params, option.WithAPIKey(request.Key))
	if err := events.Err(); err != nil {
		return nil, understood(ctx, err)
	}
	return &stream{
		events: events, wantsUsage: wantsUsage, tool: -1,
		chunks: chat.Chunks{Model: request.Name, Created: p.now()},
	}, nil
}

type stream struct {
	events     *ssestream.Stream[sdk.MessageStreamEventUnion]
	chunks     chat.Chunks
	wantsUsage bool
	// waiting are chunks that an event made beyond its first.
	waiting []json.RawMessage
	usage   models.Usage
	// tool counts the calls of tools, the last of which has sent arguments or not.
	tool         int
	inTool       bool
	hasArguments bool
	complete     bool
}

// Next implements models.Stream.
func (s *stream) Next() (json.RawMessage, error) {
	for len(s.waiting) == 0 {
		if s.complete {
			return nil, io.EOF
		}
		if !s.events.Next() {
			return nil, s.broken(s.events.Err())
		}
		s.take(s.events.Current())
	}
	next := s.waiting[0]
	s.waiting = s.waiting[1:]
	return next, nil
}

func (s *stream) say(chunk json.RawMessage) { s.waiting = append(s.waiting, chunk) }

// take turns an event into chunks: none, one or two
// (https://docs.anthropic.com/en/docs/build-with-claude/streaming, 2026-11-24).
func (s *stream) take(event sdk.MessageStreamEventUnion) {
	switch event.Type {
	case "message_start":
		s.chunks.ID = "chatcmpl-" + event.Message.ID
		u := event.Message.Usage
		s.usage = usage(u.InputTokens, u.CacheReadInputTokens, u.CacheCreationInputTokens, u.OutputTokens)
		s.say(s.chunks.Start())
	case "content_block_start":
		if s.inTool = event.ContentBlock.Type == "tool_use"; s.inTool {
			s.tool++
			s.hasArguments = false
			s.say(s.chunks.ToolCall(s.tool, event.ContentBlock.ID, event.ContentBlock.Name))
		}
	case "content_block_delta":
		switch {
		case event.Delta.Type == "text_delta" && event.Delta.Text != "":
			s.say(s.chunks.Text(event.Delta.Text))
		case event.Delta.Type == "input_json_delta" && event.Delta.PartialJSON != "":
			s.hasArguments = true
			s.say(s.chunks.Arguments(s.tool, event.Delta.PartialJSON))
		}
	case "content_block_stop":
		if s.inTool && !s.hasArguments {
			s.say(s.chunks.Arguments(s.tool, "{}"))
		}
		s.inTool = false
	case "message_delta":
		s.end(event)
	case "message_stop":
		s.complete = true
		if s.wantsUsage {
			s.say(s.chunks.Usage(s.usage))
		}
	}
}

func (s *stream) end(event sdk.MessageStreamEventUnion) {
	s.usage.Output = int(event.Usage.OutputTokens) // cumulative
	if input := usage(event.Usage.InputTokens, event.Usage.CacheReadInputTokens, event.Usage.CacheCreationInputTokens, 0); input.Input > 0 {
		input.Output = s.usage.Output
		s.usage = input
	}
	if event.Delta.StopReason == "" {
		return
	}
	if event.Delta.StopReason == sdk.StopReasonRefusal {
		s.say(s.chunks.Refusal(refusal(event.Delta.StopDetails.Explanation)))
	}
	s.say(s.chunks.End(finish(event.Delta.StopReason)))
}

// statuses of the errors that come in a stream, whose own status is 200
// (https://docs.anthropic.com/en/api/errors, 2026-11-24).
var statuses = map[string]int{
	"invalid_request_error": http.StatusBadRequest, "authentication_error": http.StatusUnauthorized,
	"permission_error": http.StatusForbidden, "not_found_error": http.StatusNotFound,
	"request_too_large": http.StatusRequestEntityTooLarge, "rate_limit_error": http.StatusTooManyRequests,
	"timeout_error": http.StatusGatewayTimeout, "overloaded_error": 529,
}

func (s *stream) broken(err error) error {
	var failed *sdk.Error
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return upstream.Cut()
	case errors.As(err, &failed):
		parsed := upstream.ParseError([]byte(failed.RawJSON()))
		if parsed == nil {
			return upstream.Malformed(errors.New("an error without a message"))
		}
		parsed.Status = http.StatusInternalServerError
		if status, found := statuses[parsed.Type]; found {
			parsed.Status = status
		}
		return parsed
	case errors.As(err, &syntax):
		return upstream.Malformed(err)
	default:
		return fmt.Errorf("reading the stream: %w", err)
	}
}

// Usage implements models.Stream. Before the end only the input is known.
func (s *stream) Usage() models.Usage { return s.usage }

// Close implements models.Stream.
func (s *stream) Close() error { return s.events.Close() }
