package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/openai/openai-go/v3/packages/ssestream"

	"tandem/runtime/models"
	"tandem/runtime/models/upstream"
)

// ChatStream implements models.Provider.
func (p *Provider) ChatStream(ctx context.Context, request models.Request) (models.Stream, error) {
	options, wanted, err := withUsage(request.Body.Get("stream_options"))
	if err != nil {
		return nil, err
	}
	response, err := p.post(ctx, "chat/completions", request.Key, request.Body.With( //nolint:bodyclose // the stream closes it
		models.Edit{Name: "model", Value: models.Quote(request.Model)},
		models.Edit{Name: "stream", Value: json.RawMessage("true")},
		models.Edit{Name: "stream_options", Value: options},
	))
	if err != nil {
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "text/event-stream" {
		return nil, notAStream(response)
	}
	return &stream{body: response.Body, events: ssestream.NewDecoder(response), name: request.Name, wantsUsage: wanted}, nil
}

// withUsage adds include_usage to the client's stream options, and reports
// whether the client had it itself.
func withUsage(given json.RawMessage) (options json.RawMessage, wanted bool, err error) {
	if given == nil || string(given) == "null" {
		return json.RawMessage(`{"include_usage":true}`), false, nil
	}
	parsed, err := models.ParseBody(given)
	if err != nil {
		return nil, false, models.Invalid("stream_options", "stream_options must be an object.")
	}
	wanted = string(parsed.Get("include_usage")) == "true"
	return parsed.With(models.Edit{Name: "include_usage", Value: json.RawMessage("true")}), wanted, nil
}

func notAStream(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()
	raw, err := upstream.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if failed := upstream.ParseError(raw); failed != nil {
		return withStatus(failed)
	}
	return upstream.Malformed(fmt.Errorf("a stream was asked for, and %q came", response.Header.Get("Content-Type")))
}

// stream reads server-sent events.
type stream struct {
	body       io.Closer
	events     ssestream.Decoder
	name       string
	wantsUsage bool
	usage      models.Usage
	// finished tells that a reason for the end was seen.
	finished bool
}

// Next implements models.Stream.
func (s *stream) Next() (json.RawMessage, error) {
	for s.events.Next() {
		event := s.events.Event()
		data := bytes.TrimSpace(event.Data)
		if bytes.Equal(data, []byte("[DONE]")) {
			return nil, io.EOF
		}
		if len(data) == 0 && event.Type != "error" {
			continue // some say in this way that they live
		}
		answer, err := models.ReadAnswer(data)
		if err != nil {
			return nil, upstream.Malformed(err)
		}
		if failed := answer.Get("error"); failed != nil && string(failed) != "null" || event.Type == "error" {
			return nil, streamError(data)
		}
		if s.look(answer) {
			return answer.Named(s.name), nil
		}
	}
	switch err := s.events.Err(); {
	case err != nil:
		return nil, fmt.Errorf("reading the stream: %w", err)
	case s.finished: // some leave out the last line
		return nil, io.EOF
	default:
		return nil, upstream.Cut()
	}
}

// look keeps what a chunk tells, and reports whether it is for the client.
func (s *stream) look(answer *models.ParsedAnswer) bool {
	choices := answer.Get("choices")
	s.finished = s.finished || hasFinishReason(choices)
	usage := answer.Get("usage")
	if usage == nil || usage[0] != '{' {
		return true
	}
	s.usage = readUsage(usage)
	return s.wantsUsage || choices != nil && !isEmptyList(choices)
}

func isEmptyList(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '[' && len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0
}

// hasFinishReason looks for "finish_reason":"...": inside of a text the quotes
// would be escaped.
func hasFinishReason(choices []byte) bool {
	_, after, found := bytes.Cut(choices, []byte(`"finish_reason"`))
	after = bytes.TrimLeft(after, " \t\r\n:")
	return found && len(after) > 0 && after[0] == '"'
}

func streamError(data []byte) error {
	if failed := upstream.ParseError(data); failed != nil {
		return withStatus(failed)
	}
	return upstream.Malformed(fmt.Errorf("an error without a message"))
}

// Usage implements models.Stream.
func (s *stream) Usage() models.Usage { return s.usage }

// Close implements models.Stream.
func (s *stream) Close() error { return s.body.Close() }
