package openai_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"tandem/runtime/models"
	"tandem/runtime/models/openai"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

const (
	benchAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1763900000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"The quick brown fox."},"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":17,"total_tokens":36}}`
	benchBody   = `{"model":"smart","messages":[{"role":"user","content":"What does the fox do?"}],"temperature":0.2}`
)

func benchServer(b *testing.B) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, benchAnswer)
	}))
	b.Cleanup(server.Close)
	return server
}

// What the router and the SDK add is the difference of these two.
func BenchmarkTheProviderDirectly(b *testing.B) {
	server, client := benchServer(b), upstream.NewClient()
	b.ReportAllocs()
	for b.Loop() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL+"/chat/completions", bytes.NewReader([]byte(benchBody)))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer sk-x")
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
}

func BenchmarkByTheRouter(b *testing.B) {
	router, err := models.New(models.Options{
		Routes:  settings.Routes{"smart": {Routes: []settings.Route{{Name: "there", Type: "openai", Model: "m", BaseURL: benchServer(b).URL}}}},
		Connect: map[string]models.Connect{"openai": openai.Connect(upstream.NewClient())},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := router.Chat(b.Context(), models.Call{Model: "smart", Body: json.RawMessage(benchBody)}); err != nil {
			b.Fatal(err)
		}
	}
}
