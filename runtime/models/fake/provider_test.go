package fake_test

import (
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/fake"
)

func request(t *testing.T, body string) models.Request {
	t.Helper()
	parsed, err := models.ParseBody(json.RawMessage(body))
	require.NoError(t, err)
	return models.Request{Name: "smart", Model: "echo", Body: parsed}
}

type completion struct {
	Model   string
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content   *string
			ToolCalls []struct {
				ID       string
				Function struct{ Name, Arguments string }
			} `json:"tool_calls"`
		}
	}
}

func ask(t *testing.T, body string) completion {
	t.Helper()
	reply, err := fake.New(fake.Options{}).Chat(t.Context(), request(t, body))
	require.NoError(t, err)
	var got completion
	require.NoError(t, json.Unmarshal(reply.Body, &got))
	require.Equal(t, "smart", got.Model)
	require.Positive(t, reply.Usage.Input)
	require.Positive(t, reply.Usage.Output)
	return got
}

func TestItSaysWhatItWasTold(t *testing.T) {
	for body, want := range map[string]string{
		`{"messages":[{"role":"user","content":"good day"}]}`:                                                                                 "You said: good day",
		`{"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url"}]}]}`:                                        "You said: see [image_url]",
		`{"messages":[{"role":"user","content":"a"},{"role":"tool","content":"sunny"}]}`:                                                      "The tool said: sunny",
		`{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}`:                                               `{"answer":"x"}`,
		`{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"weather"}}],"tool_choice":"auto"}`:       "You said: x",
		`{"messages":[{"role":"user","content":"weather"}],"tools":[{"type":"function","function":{"name":"weather"}}],"tool_choice":"none"}`: "You said: weather",
	} {
		got := ask(t, body)
		require.Equal(t, want, *got.Choices[0].Message.Content)
		require.Equal(t, "stop", got.Choices[0].FinishReason)
	}
	cut := ask(t, `{"messages":[{"role":"user","content":"one two three"}],"max_tokens":3}`)
	require.Equal(t, "You said: one ", *cut.Choices[0].Message.Content)
	require.Equal(t, "length", cut.Choices[0].FinishReason)
}

func TestItCallsTheToolsThatItIsTold(t *testing.T) {
	const tools = `"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},{"type":"function","function":{"name":"clock"}}]`
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"by their names in the prompt": {`{"messages":[{"role":"user","content":"weather and clock"}],` + tools + `}`, []string{"weather", "clock"}},
		"by its name in the choice":    {`{"messages":[{"role":"user","content":"x"}],` + tools + `,"tool_choice":{"type":"function","function":{"name":"weather"}}}`, []string{"weather"}},
		"any, because one is required": {`{"messages":[{"role":"user","content":"x"}],` + tools + `,"tool_choice":"required"}`, []string{"clock"}},
	} {
		t.Run(name, func(t *testing.T) {
			choice := ask(t, test.body).Choices[0]
			require.Equal(t, "tool_calls", choice.FinishReason)
			require.Nil(t, choice.Message.Content)
			var got []string
			for _, call := range choice.Message.ToolCalls {
				got = append(got, call.Function.Name)
				require.True(t, json.Valid([]byte(call.Function.Arguments)))
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestItFillsInASchema(t *testing.T) {
	const schema = `{"type":"object","$defs":{"who":{"type":"object","properties":{"name":{"type":"string"},"boss":{"$ref":"#/$defs/who"}}}},
		"properties":{"n":{"type":"integer","minimum":5},"on":{"type":"boolean"},"kind":{"enum":["b","a"]},"list":{"type":"array","items":{"type":["string","null"]}},
		"or":{"anyOf":[{"type":"null"},{"type":"string"}]},"fixed":{"const":7},"who":{"$ref":"#/$defs/who"}}}`
	got := ask(t, `{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":`+schema+`}}}`)
	var filled map[string]any
	require.NoError(t, json.Unmarshal([]byte(*got.Choices[0].Message.Content), &filled), "even of a schema that refers to itself")
	delete(filled, "who")
	require.Equal(t, map[string]any{"n": 5.0, "on": true, "kind": "b", "list": []any{"x"}, "or": nil, "fixed": 7.0}, filled)
}

func TestItStreamsWordsAtItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		provider := fake.New(fake.Options{FirstToken: time.Second, BetweenTokens: 100 * time.Millisecond, Words: 10})
		began := time.Now()
		stream, err := provider.ChatStream(t.Context(), request(t, `{"messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true}}`))
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(began))
		count := 0
		for {
			_, err := stream.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			count++
		}
		require.Equal(t, 1+10+2, count, "start, words, end and usage")
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, 10, stream.Usage().Output)
	})
}

func TestItFailsWhenItIsTold(t *testing.T) {
	down := errors.New("down")
	provider := fake.New(fake.Options{Fail: func(models.Request) error { return down }})
	_, err := provider.Chat(t.Context(), request(t, `{"messages":[{"role":"user","content":"x"}]}`))
	require.ErrorIs(t, err, down)
	_, err = provider.Embeddings(t.Context(), request(t, `{"input":"x"}`))
	require.ErrorIs(t, err, down)
	_, err = fake.New(fake.Options{}).Chat(t.Context(), request(t, `{"messages":[]}`))
	require.ErrorContains(t, err, "at least one message")
}

func TestVectorsAreTheSameForTheSameText(t *testing.T) {
	embed := func(body string) string {
		reply, err := fake.New(fake.Options{}).Embeddings(t.Context(), request(t, body))
		require.NoError(t, err)
		return string(reply.Body)
	}
	require.Equal(t, embed(`{"input":"a","dimensions":3}`), embed(`{"input":["a"],"dimensions":3}`))
	require.NotEqual(t, embed(`{"input":"a"}`), embed(`{"input":"b"}`))
	require.Regexp(t, `"embedding":"[A-Za-z0-9+/]{16}"`, embed(`{"input":"a","dimensions":3,"encoding_format":"base64"}`))
	for _, body := range []string{`{}`, `{"input":[]}`, `{"input":[[1,2]]}`, `{"input":"a","encoding_format":"xml"}`, `{"input":"a","dimensions":5000}`, `{"input":"a","odd":1}`} {
		_, err := fake.New(fake.Options{}).Embeddings(t.Context(), request(t, body))
		var refused *models.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 400, refused.Status, body)
	}
}
