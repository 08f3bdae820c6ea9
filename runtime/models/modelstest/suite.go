package modelstest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/settings"
)

// Suite is what is proved of a provider.
type Suite struct {
	// Wire is the language of its server.
	Wire Wire
	// Connect makes the provider of a route to that server.
	Connect models.Connect
	// Route lacks its BaseURL only.
	Route settings.Route
	// Key opens the route, or is empty.
	Key string
}

// name is what the client calls the model.
const name = "the-clients-name"

// Run runs the suite.
func (s Suite) Run(t *testing.T) {
	t.Run("answers in one piece", s.wholeAnswers)
	t.Run("streams", s.streams)
	t.Run("errors", s.errors)
	t.Run("faults", s.faults)
	t.Run("a stream ends with the context", s.cancelled)
	t.Run("the key is sent, and shown nowhere", s.secrecy)
}

func (s Suite) provider(t *testing.T, server *Server) models.Provider {
	t.Helper()
	route := s.Route
	route.BaseURL = server.URL
	provider, err := s.Connect(route)
	require.NoError(t, err)
	return provider
}

// request is a chat request with further members.
func (s Suite) request(t *testing.T, members string) models.Request {
	t.Helper()
	body, err := models.ParseBody(json.RawMessage(`{"model":"` + name + `","messages":[{"role":"user","content":"hello"}]` + members + `}`))
	require.NoError(t, err)
	return models.Request{Name: name, Model: s.Route.Model, Key: s.Key, Body: body}
}

// completion is what the tests look at of an answer, chunks put together.
type completion struct {
	ID, Object, Model string
	Choices           []struct {
		Message      message
		FinishReason string `json:"finish_reason"`
	}
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Total      int `json:"total_tokens"`
		Details    struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	}
}

type message struct {
	Role      string
	Content   *string
	Refusal   *string
	ToolCalls []toolCall `json:"tool_calls"`
}

type toolCall struct {
	Index    *int
	ID, Type string
	Function struct{ Name, Arguments string }
}

func (s Suite) chat(t *testing.T, script Script) completion {
	t.Helper()
	reply, err := s.provider(t, NewServer(t, s.Wire, script)).Chat(t.Context(), s.request(t, ""))
	require.NoError(t, err)
	require.Equal(t, script.Usage, reply.Usage)
	var got completion
	require.NoError(t, json.Unmarshal(reply.Body, &got))
	require.Equal(t, "chat.completion", got.Object)
	require.NotEmpty(t, got.ID)
	require.Equal(t, name, got.Model, "the client finds the name that it asked for")
	require.Len(t, got.Choices, 1)
	require.Equal(t, "assistant", got.Choices[0].Message.Role)
	require.Equal(t, script.Usage.Input, got.Usage.Prompt)
	require.Equal(t, script.Usage.Output, got.Usage.Completion)
	require.Equal(t, script.Usage.Input+script.Usage.Output, got.Usage.Total)
	require.Equal(t, script.Usage.CachedInput, got.Usage.Details.Cached)
	return got
}

// read reads a stream to its end, which is nil where it was whole.
func read(stream models.Stream) (chunks []json.RawMessage, err error) {
	defer func() { _ = stream.Close() }()
	for {
		chunk, err := stream.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return chunks, nil
		}
		if err != nil {
			return chunks, err
		}
		chunks = append(chunks, append(json.RawMessage(nil), chunk...))
	}
}

func (s Suite) open(ctx context.Context, t *testing.T, script Script, members string) (models.Stream, error) {
	t.Helper()
	stream, err := s.provider(t, NewServer(t, s.Wire, script)).ChatStream(ctx, s.request(t, `,"stream":true`+members))
	if err == nil {
		t.Cleanup(func() { _ = stream.Close() })
	}
	return stream, err
}

// stream puts the chunks of a stream together.
func (s Suite) stream(t *testing.T, script Script, members string) completion {
	t.Helper()
	stream, err := s.open(t.Context(), t, script, members)
	require.NoError(t, err)
	chunks, err := read(stream)
	require.NoError(t, err)
	require.Equal(t, script.Usage, stream.Usage())
	return assemble(t, chunks)
}

func assemble(t *testing.T, chunks []json.RawMessage) completion {
	t.Helper()
	var whole completion
	whole.Choices = append(whole.Choices, struct {
		Message      message
		FinishReason string `json:"finish_reason"`
	}{})
	choice := &whole.Choices[0]
	for i, raw := range chunks {
		var chunk struct {
			completion
			Choices []struct {
				Delta        message
				FinishReason *string `json:"finish_reason"`
			}
		}
		require.NoError(t, json.Unmarshal(raw, &chunk), "%s", raw)
		require.Equal(t, "chat.completion.chunk", chunk.Object)
		require.Equal(t, name, chunk.Model)
		require.NotEmpty(t, chunk.ID)
		if chunk.Usage != nil {
			require.Nil(t, whole.Usage, "usage comes once")
			require.Empty(t, chunk.Choices)
			require.Equal(t, len(chunks)-1, i, "usage comes last")
			whole.Usage = chunk.Usage
			continue
		}
		require.Len(t, chunk.Choices, 1)
		require.Empty(t, choice.FinishReason, "nothing follows the end")
		choice.Message.add(t, chunk.Choices[0].Delta)
		if reason := chunk.Choices[0].FinishReason; reason != nil {
			choice.FinishReason = *reason
		}
	}
	return whole
}

func (m *message) add(t *testing.T, delta message) {
	t.Helper()
	if delta.Role != "" {
		m.Role += delta.Role
	}
	for _, pair := range []struct{ into, from **string }{{&m.Content, &delta.Content}, {&m.Refusal, &delta.Refusal}} {
		if *pair.from == nil {
			continue
		}
		text := **pair.from
		if *pair.into != nil {
			text = **pair.into + text
		}
		*pair.into = &text
	}
	for _, call := range delta.ToolCalls {
		require.NotNil(t, call.Index)
		if call.ID != "" {
			require.Len(t, m.ToolCalls, *call.Index, "calls are counted from 0")
			m.ToolCalls = append(m.ToolCalls, toolCall{ID: call.ID, Type: call.Type})
		}
		last := &m.ToolCalls[*call.Index]
		last.Function.Name += call.Function.Name
		last.Function.Arguments += call.Function.Arguments
	}
}

// Sent returns the body that a provider sends for a client's request.
func (s Suite) Sent(t *testing.T, client string) string {
	t.Helper()
	server := NewServer(t, s.Wire, Script{Text: []string{"ok"}})
	body, err := models.ParseBody(json.RawMessage(client))
	require.NoError(t, err)
	_, err = s.provider(t, server).Chat(t.Context(), models.Request{Name: name, Model: s.Route.Model, Key: s.Key, Body: body})
	require.NoError(t, err)
	return string(server.Requests()[0].Body)
}

// Refused returns the error for what the provider's API lacks, before anything
// was sent.
func (s Suite) Refused(t *testing.T, client string) *models.Error {
	t.Helper()
	server := NewServer(t, s.Wire, Script{Text: []string{"ok"}})
	body, err := models.ParseBody(json.RawMessage(client))
	require.NoError(t, err)
	request := models.Request{Name: name, Model: s.Route.Model, Key: s.Key, Body: body}
	_, err = s.provider(t, server).Chat(t.Context(), request)
	var refused *models.Error
	require.ErrorAs(t, err, &refused)
	_, err = s.provider(t, server).ChatStream(t.Context(), request)
	require.Equal(t, refused, err, "streams are refused alike")
	require.Empty(t, server.Requests())
	return refused
}
