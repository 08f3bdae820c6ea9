package openai_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/openai"
	"tandem/runtime/settings"
)

// streamed asks a server that answers with a text, and returns the contents of
// its chunks.
func streamed(t *testing.T, text string) (contents []string, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = io.WriteString(w, text)
	}))
	defer server.Close()
	provider, err := openai.Connect(server.Client())(settings.Route{Name: "p", Type: "openai", BaseURL: server.URL})
	require.NoError(t, err)
	body, err := models.ParseBody(json.RawMessage(`{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}`))
	require.NoError(t, err)
	stream, err := provider.ChatStream(t.Context(), models.Request{Name: "m", Model: "m", Body: body})
	require.NoError(t, err)
	defer func() { _ = stream.Close() }()
	for {
		raw, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return contents, nil
		}
		if err != nil {
			return contents, err
		}
		var chunk struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		require.NoError(t, json.Unmarshal(raw, &chunk))
		for _, choice := range chunk.Choices {
			contents = append(contents, choice.Delta.Content)
		}
	}
}

const (
	one  = `{"choices":[{"index":0,"delta":{"content":"one"}}]}`
	two  = `{"choices":[{"index":0,"delta":{"content":"two"},"finish_reason":"stop"}]}`
	done = "data: [DONE]\n\n"
)

func TestAStreamIsReadHoweverItIsWritten(t *testing.T) {
	for name, text := range map[string]string{
		"as OpenAI does":              "data: " + one + "\n\ndata: " + two + "\n\n" + done,
		"with comments":               ": PROCESSING\n\n: PROCESSING\n\ndata: " + one + "\n\n: keep-alive\n\ndata: " + two + "\n\n" + done,
		"with empty events":           "\n\nevent: ping\n\ndata: " + one + "\n\ndata:\n\ndata: " + two + "\n\n" + done,
		"with lines of Windows":       "data: " + one + "\r\n\r\ndata: " + two + "\r\n\r\ndata: [DONE]\r\n\r\n",
		"without spaces":              "data:" + one + "\n\ndata:" + two + "\n\ndata:[DONE]\n\n",
		"with ids and times to retry": "id: 1\nretry: 10\ndata: " + one + "\n\nid: 2\ndata: " + two + "\n\n" + done,
		"without the last line":       "data: " + one + "\n\ndata: " + two + "\n\n",
		"over several lines":          "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"one\"}}]}\n\ndata: " + two + "\n\n" + done,
		"with more after the end":     "data: " + one + "\n\ndata: " + two + "\n\n" + done + "data: nonsense\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			contents, err := streamed(t, text)
			require.NoError(t, err)
			require.Equal(t, []string{"one", "two"}, contents)
		})
	}
}

func TestAStreamThatMakesNoSenseIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":                   "data: " + one + "\n\ndata: <html>\n\n",
		"half a chunk":              "data: " + one + "\n\ndata: {\"choices\":[\n\n",
		"a list":                    "data: " + one + "\n\ndata: []\n\n",
		"an end before the end":     "data: " + one + "\n\n",
		"an error of its own":       "data: " + one + "\n\nevent: error\ndata: {\"message\":\"overloaded\"}\n\n",
		"an error in its midst":     "data: " + one + "\n\ndata: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n",
		"comments and then silence": "data: " + one + "\n\n: bye\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			contents, err := streamed(t, text)
			require.Error(t, err)
			require.Equal(t, []string{"one"}, contents)
		})
	}
}
