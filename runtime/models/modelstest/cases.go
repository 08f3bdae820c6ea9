package modelstest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
)

var usage = models.Usage{Input: 30, CachedInput: 10, Output: 7}

var answers = map[string]struct {
	script Script
	finish []string
}{
	"a text":               {Script{Text: []string{"Good ", "day, ", "\"you\" \u00e4\u4e16\U0001F600\n"}}, []string{"stop"}},
	"a text that was long": {Script{Text: []string{"a", "b"}, Length: true}, []string{"length"}},
	"a refusal":            {Script{Refusal: "I can't help with that."}, []string{"stop", "content_filter"}},
	"a call of a tool":     {Script{ToolCalls: []ToolCall{{"call_1", "weather", []string{`{"city":`, `"Rome"}`}}}}, []string{"tool_calls"}},
	"calls after a text": {Script{Text: []string{"Let me ", "look."}, ToolCalls: []ToolCall{
		{"call_1", "weather", []string{`{"city":"Rome"}`}}, {"call_2", "time", []string{`{}`}}}}, []string{"tool_calls"}},
}

func (s Suite) check(t *testing.T, got completion, script Script, finish []string) {
	t.Helper()
	choice := got.Choices[0]
	require.Contains(t, finish, choice.FinishReason)
	content := ""
	if choice.Message.Content != nil {
		content = *choice.Message.Content
	}
	require.Equal(t, script.whole(), content)
	if script.Refusal != "" {
		require.NotNil(t, choice.Message.Refusal)
		require.NotEmpty(t, *choice.Message.Refusal)
	} else {
		require.Nil(t, choice.Message.Refusal)
	}
	require.Len(t, choice.Message.ToolCalls, len(script.ToolCalls))
	for i, want := range script.ToolCalls {
		call := choice.Message.ToolCalls[i]
		require.Equal(t, []string{want.ID, "function", want.Name}, []string{call.ID, call.Type, call.Function.Name})
		require.JSONEq(t, want.whole(), call.Function.Arguments)
	}
}

func (s Suite) wholeAnswers(t *testing.T) {
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			test.script.Usage = usage
			s.check(t, s.chat(t, test.script), test.script, test.finish)
		})
	}
}

func (s Suite) streams(t *testing.T) {
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			test.script.Usage = usage
			got := s.stream(t, test.script, "")
			require.Nil(t, got.Usage, "a client that did not ask for the usage does not see it")
			s.check(t, got, test.script, test.finish)
			require.Equal(t, "assistant", got.Choices[0].Message.Role)

			got = s.stream(t, test.script, `,"stream_options":{"include_usage":true}`)
			require.NotNil(t, got.Usage)
			require.Equal(t, usage.Input, got.Usage.Prompt)
			require.Equal(t, usage.Output, got.Usage.Completion)
			s.check(t, got, test.script, test.finish)
		})
	}
}

// both runs a test on answers in one piece and on streams that are read to the end.
func (s Suite) both(t *testing.T, script Script, check func(t *testing.T, err error)) {
	t.Helper()
	t.Run("in one piece", func(t *testing.T) {
		_, err := s.provider(t, NewServer(t, s.Wire, script)).Chat(t.Context(), s.request(t, ""))
		require.Error(t, err)
		check(t, err)
	})
	t.Run("as a stream", func(t *testing.T) {
		stream, err := s.open(t.Context(), t, script, "")
		if err == nil {
			_, err = read(stream)
		}
		require.Error(t, err)
		check(t, err)
	})
}

func (s Suite) errors(t *testing.T) {
	for _, status := range []int{400, 403, 404, 429, 500, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s.both(t, Script{Fault: ErrorStatus, Status: status, Message: "recorded message", RetryAfter: "7"}, func(t *testing.T, err error) {
				var answered *models.Error
				require.ErrorAs(t, err, &answered)
				require.Equal(t, status, answered.Status)
				require.Equal(t, 7*time.Second, answered.RetryAfter)
				require.NotEmpty(t, answered.Type)
				if status == http.StatusBadRequest {
					require.Equal(t, "recorded message", answered.Message)
				}
			})
		})
	}
	t.Run("a page of a load balancer", func(t *testing.T) {
		s.both(t, Script{Fault: ErrorPage, Status: 503}, func(t *testing.T, err error) {
			var answered *models.Error
			require.ErrorAs(t, err, &answered)
			require.Equal(t, 503, answered.Status)
			require.NotContains(t, answered.Message, "<")
		})
	})
	t.Run("nobody there", func(t *testing.T) {
		server := NewServer(t, s.Wire, Script{})
		provider := s.provider(t, server)
		server.Close()
		_, err := provider.Chat(t.Context(), s.request(t, ""))
		var answered *models.Error
		require.Error(t, err)
		require.NotErrorAs(t, err, &answered, "what did not answer has no status")
	})
}

func (s Suite) faults(t *testing.T) {
	words := []string{"one ", "two ", "three ", "four"}
	malformed := func(t *testing.T, err error) {
		var answered *models.Error
		require.ErrorAs(t, err, &answered)
		require.Equal(t, models.CodeMalformed, answered.Code)
		require.Equal(t, http.StatusBadGateway, answered.Status)
	}
	t.Run("what is not its language", func(t *testing.T) { s.both(t, Script{Text: words, Fault: Malformed}, malformed) })
	t.Run("nothing", func(t *testing.T) { s.both(t, Script{Fault: Empty}, func(*testing.T, error) {}) })
	t.Run("cut at the start", func(t *testing.T) {
		s.both(t, Script{Text: words, Fault: CutEarly}, func(t *testing.T, err error) {
			var answered *models.Error
			require.NotErrorAs(t, err, &answered, "what did not answer has no status")
		})
	})
	for name, fault := range map[string]Fault{"cut": CutMid, "ended": EndMid, "failed": ErrorMid} {
		t.Run("a stream that is "+name+" in the middle is not whole", func(t *testing.T) {
			stream, err := s.open(t.Context(), t, Script{Text: words, Usage: usage, Fault: fault, Message: "recorded message"}, "")
			require.NoError(t, err)
			chunks, err := read(stream)
			require.Error(t, err)
			got := assemble(t, chunks)
			require.Equal(t, "one two ", *got.Choices[0].Message.Content)
			require.Empty(t, got.Choices[0].FinishReason)
			if fault == ErrorMid {
				var answered *models.Error
				require.ErrorAs(t, err, &answered)
				require.GreaterOrEqual(t, answered.Status, 500)
				require.Equal(t, "recorded message", answered.Message)
			}
		})
	}
}

func (s Suite) cancelled(t *testing.T) {
	t.Run("before its first token", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := s.provider(t, NewServer(t, s.Wire, Script{Fault: Hang})).Chat(ctx, s.request(t, ""))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("in the middle", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream, err := s.open(ctx, t, Script{Text: []string{"a", "b", "c"}, Pause: 30 * time.Second}, "")
		require.NoError(t, err)
		_, err = stream.Next()
		require.NoError(t, err)
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err = stream.Next()
		require.Error(t, err)
		require.NoError(t, stream.Close())
	})
}

func (s Suite) secrecy(t *testing.T) {
	for _, status := range []int{401, 403} {
		server := NewServer(t, s.Wire, Script{Fault: ErrorStatus, Status: status, Message: "Incorrect API key provided: " + s.Key})
		_, err := s.provider(t, server).Chat(t.Context(), s.request(t, ""))
		var answered *models.Error
		require.ErrorAs(t, err, &answered)
		require.Equal(t, status, answered.Status)
		for _, request := range server.Requests() {
			require.NotEmpty(t, request.Header.Get("Authorization")+request.Header.Get("X-Api-Key"))
			if s.Key == "" {
				continue
			}
			require.Contains(t, request.Header.Get("Authorization")+request.Header.Get("X-Api-Key"), s.Key)
			require.NotContains(t, string(request.Body)+request.Path, s.Key)
		}
		if s.Key != "" {
			require.NotContains(t, err.Error(), s.Key)
			rendered, _ := answered.MarshalJSON()
			require.NotContains(t, string(rendered), s.Key)
		}
	}
}
