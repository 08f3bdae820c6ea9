package chatjob_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/chatjob"
	"tandem/runtime/models"
)

var job = chatjob.Job{ID: "7", Model: "analyst", Created: time.Unix(1000, 0)}

func TestOutputsBecomeTheContentOfACompletion(t *testing.T) {
	for name, c := range map[string]struct{ contentType, output, content string }{
		"text":              {"text/plain; charset=utf-8", "It is so.\n", "It is so.\n"},
		"a JSON string":     {"application/json", `"It is \"so\"."`, `It is "so".`},
		"other JSON":        {"application/json", "{\n  \"words\": 7 }", `{"words":7}`},
		"text of no type":   {"application/octet-stream", "It is so.", "It is so."},
		"nothing":           {"text/plain", "", ""},
		"a failed likeness": {"application/json", `{"object":"chat.completion"}`, `{"object":"chat.completion"}`},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := chatjob.Completion(job, c.contentType, []byte(c.output))
			require.NoError(t, err)
			want, err := json.Marshal(c.content)
			require.NoError(t, err)
			require.JSONEq(t, `{"id":"chatcmpl-7","object":"chat.completion","created":1000,"model":"analyst","choices":[{"index":0,
				"message":{"role":"assistant","content":`+string(want)+`,"refusal":null},"logprobs":null,"finish_reason":"stop"}],
				"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`, string(raw))
		})
	}
}

func TestACompletionStaysAsItIsButForTheNameOfItsModel(t *testing.T) {
	raw, err := chatjob.Completion(job, "application/json", []byte(`{"object": "chat.completion", "model": "/models", "choices": [{"index": 0}], "x": 1.50}`))
	require.NoError(t, err)
	require.Equal(t, `{"object": "chat.completion", "model": "analyst", "choices": [{"index": 0}], "x": 1.50}`, string(raw))
}

func TestWhatIsNeitherJSONNorTextIsAnError(t *testing.T) {
	_, err := chatjob.Completion(job, "image/png", []byte{0x89, 'P', 0xff})
	require.ErrorContains(t, err, "image/png")
	_, err = chatjob.Completion(job, "application/json", []byte(`{"cut": `))
	require.ErrorContains(t, err, "says that it is JSON")
}

func TestOnlyChatRequestsAreMarked(t *testing.T) {
	require.True(t, chatjob.Marked(chatjob.ContentType))
	for _, other := range []string{"", "application/json", "text/plain; as=chat.completion", "application/json; as=embeddings", ";;"} {
		require.False(t, chatjob.Marked(other), other)
	}
}

func TestTheContainerGetsTheRequestInOnePiece(t *testing.T) {
	for raw, want := range map[string]string{
		`{"model": "a", "x": 1.50}`:                                   `{"model": "a", "x": 1.50}`,
		`{"stream": true, "model": "a"}`:                              `{"stream": false, "model": "a"}`,
		`{"stream": true, "stream_options": {"include_usage": true}}`: `{"stream": false, "stream_options": null}`,
	} {
		body, err := models.ParseBody([]byte(raw))
		require.NoError(t, err)
		require.Equal(t, want, string(chatjob.Input(body)))
	}
}

func TestAnyTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		raw, err := chatjob.Completion(job, "text/plain", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Choices []struct{ Message struct{ Content string } }
		}
		if err := json.Unmarshal(raw, &got); err != nil || got.Choices[0].Message.Content != strings.ToValidUTF8(text, "") {
			t.Fatalf("%q became %s: %v", text, raw, err)
		}
	})
}
