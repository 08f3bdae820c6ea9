package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/models/modelstest"
	"tandem/runtime/models/openai"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

func suite(kind string) modelstest.Suite {
	return modelstest.Suite{
		Wire: modelstest.OpenAI{}, Connect: openai.Connect(upstream.NewClient()), Key: "sk-very-secret",
		Route: settings.Route{Name: "there", Type: kind, Model: "gpt-recorded"},
	}
}

func TestTheProviderConforms(t *testing.T) {
	for _, kind := range []string{"openai", "service"} {
		t.Run(kind, suite(kind).Run)
	}
}

func TestWhatNobodyHereKnowsReachesTheRouteByteForByte(t *testing.T) {
	const client = ` { "messages" : [ {"role":"user","content":"\u00e9 é 😀"} ], "model":"smart","top_k": 5.0e0 ,"min_p":0.050,
		"chat_template_kwargs":{"enable_thinking":false}, "big":12345678901234567890, "n":2 } `
	const sent = ` { "messages" : [ {"role":"user","content":"\u00e9 é 😀"} ], "model":"gpt-recorded","top_k": 5.0e0 ,"min_p":0.050,
		"chat_template_kwargs":{"enable_thinking":false}, "big":12345678901234567890, "n":2 } `
	require.Equal(t, sent[1:], suite("openai").Sent(t, client), "but for the model, and spaces before it")
}

func TestAStreamAsksForUsageBesideTheClientsOptions(t *testing.T) {
	server := modelstest.NewServer(t, modelstest.OpenAI{}, modelstest.Script{Text: []string{"ok"}})
	provider, err := openai.Connect(upstream.NewClient())(settings.Route{Type: "openai", BaseURL: server.URL + "/v1/"})
	require.NoError(t, err)
	for client, want := range map[string]string{
		`{"model":"a"}`: `{"stream":true,"stream_options":{"include_usage":true},"model":"m"}`,
		`{"stream":true,"model":"a","stream_options":{"include_usage":false,"include_obfuscation":false}}`: `{"stream":true,"model":"m","stream_options":{"include_usage":true,"include_obfuscation":false}}`,
		`{"stream_options":null,"stream":false}`:                                                           `{"model":"m","stream_options":{"include_usage":true},"stream":true}`,
		`{"stream_options":{}}`:                                                                            `{"model":"m","stream":true,"stream_options":{"include_usage":true}}`,
	} {
		body, err := models.ParseBody(json.RawMessage(client))
		require.NoError(t, err)
		stream, err := provider.ChatStream(t.Context(), models.Request{Model: "m", Name: "a", Body: body})
		require.NoError(t, err)
		require.NoError(t, stream.Close())
		requests := server.Requests()
		got := requests[len(requests)-1]
		require.JSONEq(t, want, string(got.Body))
		require.Equal(t, "/v1/chat/completions", got.Path)
		require.Empty(t, got.Header.Get("Authorization"), "a route without a key sends none, whatever the environment holds")
	}
	body, err := models.ParseBody(json.RawMessage(`{"stream_options":7}`))
	require.NoError(t, err)
	_, err = provider.ChatStream(t.Context(), models.Request{Body: body})
	require.ErrorContains(t, err, "stream_options must be an object")
}

func TestAKeyInTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-the-environment")
	t.Setenv("OPENAI_BASE_URL", "http://elsewhere.invalid")
	TestAStreamAsksForUsageBesideTheClientsOptions(t)
}

func TestEmbeddingsPassThrough(t *testing.T) {
	server := modelstest.NewServer(t, modelstest.OpenAI{}, modelstest.Script{Vectors: [][]float32{{0.5, -1}}, Usage: models.Usage{Input: 4}})
	provider, err := openai.Connect(upstream.NewClient())(settings.Route{Type: "service", BaseURL: server.URL})
	require.NoError(t, err)
	body, err := models.ParseBody(json.RawMessage(`{"model":"vectors","input":[[1,2]],"encoding_format":"base64"}`))
	require.NoError(t, err)
	reply, err := provider.Embeddings(t.Context(), models.Request{Name: "vectors", Model: "e5", Body: body})
	require.NoError(t, err)
	require.JSONEq(t, `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]}],"model":"vectors","usage":{"prompt_tokens":4,"total_tokens":4}}`, string(reply.Body))
	require.Equal(t, models.Usage{Input: 4}, reply.Usage)
	require.JSONEq(t, `{"model":"e5","input":[[1,2]],"encoding_format":"base64"}`, string(server.Requests()[0].Body))
	require.Equal(t, "/v1/embeddings", server.Requests()[0].Path)
}

func TestAServiceNeedsAnAddress(t *testing.T) {
	_, err := openai.Connect(upstream.NewClient())(settings.Route{Type: "service"})
	require.ErrorContains(t, err, "base URL")
}
