package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/settings"
)

// provider streams three pieces, the later ones when it is told to go on.
type provider struct {
	*httptest.Server
	goOn chan struct{}
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{goOn: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(raw), `"stream": true`) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "data: {\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"piece %d\"}}]}\n\n", i)
			w.(http.Flusher).Flush()
			<-p.goOn
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}))
	t.Cleanup(p.Close)
	return p
}

func environment(p *provider) map[string]string {
	return settings.Encode(settings.ModelsAPI{
		State: settings.State{Table: "state", Bucket: "data"}, Release: settings.Release{Application: "tandem", Environment: "test"},
		TenantRate: 100, TenantBurst: 100,
		Models: settings.Routes{"analyst": {Routes: []settings.Route{{Name: "openai", Type: "openai", Model: "m", BaseURL: p.URL}}}},
	})
}

func event(method, path, body string) events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: path, Path: path, Body: body, Headers: map[string]string{"Content-Type": "application/json"},
		RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live" + path, RequestID: "r-1",
			Authorizer: map[string]any{"tenant": "acme", "keyId": "k", "scopes": "models"}},
	}
}

func TestTheFunctionStreamsAnswersAsTheyCome(t *testing.T) {
	p := newProvider(t)
	binary := runtimetest.Build(t, ".")
	size, err := os.Stat(binary)
	require.NoError(t, err)
	require.Less(t, size.Size(), int64(45<<20), "a larger program takes longer to start")
	function := runtimetest.Start(t, binary, environment(p))

	t.Run("piece by piece, with what it took at the end", func(t *testing.T) {
		answer := function.Invoke(t, event("POST", "/v1/chat/completions", `{"model": "analyst", "messages": [{"role": "user", "content": "a"}], "stream": true}`), time.Minute)
		body := bufio.NewReader(answer.Body)
		status, header := prelude(t, body)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "text/event-stream", header["Content-Type"])
		for i := range 3 {
			line, err := body.ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, line, fmt.Sprintf(`"model":"analyst","choices":[{"index":0,"delta":{"content":"piece %d"}}]`, i))
			_, err = body.ReadString('\n')
			require.NoError(t, err)
			p.goOn <- struct{}{}
		}
		rest, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Contains(t, string(rest), `: tandem {"model":"analyst","route":"openai"`)
		require.True(t, strings.HasSuffix(string(rest), "data: [DONE]\n\n"))
		answer.Close()
	})

	t.Run("an answer in one piece has its accounting in headers", func(t *testing.T) {
		answer := function.Invoke(t, event("POST", "/v1/chat/completions", `{"model": "analyst", "messages": [{"role": "user", "content": "a"}]}`), time.Minute)
		body := bufio.NewReader(answer.Body)
		status, header := prelude(t, body)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "5", header["X-Tandem-Input-Tokens"])
		raw, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Contains(t, string(raw), `"object":"chat.completion"`)
		answer.Close()
	})

	t.Run("an error is one of OpenAI's", func(t *testing.T) {
		answer := function.Invoke(t, event("POST", "/v1/chat/completions", `{"model": "other", "messages": [{"role": "user", "content": "a"}]}`), time.Minute)
		body := bufio.NewReader(answer.Body)
		status, _ := prelude(t, body)
		require.Equal(t, http.StatusNotFound, status)
		raw, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Contains(t, string(raw), `"code":"model_not_found"`)
		answer.Close()
	})

	t.Run("the list is not streamed", func(t *testing.T) {
		answer := function.Invoke(t, event("GET", "/v1/models", ""), time.Minute)
		var response events.APIGatewayProxyResponse
		require.NoError(t, json.NewDecoder(answer.Body).Decode(&response))
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Contains(t, response.Body, `"id":"analyst"`)
		answer.Close()
	})

	require.Contains(t, function.Logs(), `"Namespace":"Tandem/Models"`)
	require.NotContains(t, function.Logs(), "piece")
}

// prelude reads the JSON and the eight zero bytes that come before a streamed body.
func prelude(t *testing.T, body *bufio.Reader) (int, map[string]string) {
	t.Helper()
	var raw []byte
	for !bytes.HasSuffix(raw, make([]byte, 8)) {
		b, err := body.ReadByte()
		require.NoError(t, err)
		raw = append(raw, b)
	}
	var p struct {
		StatusCode int
		Headers    map[string]string
	}
	require.NoError(t, json.Unmarshal(bytes.TrimRight(raw, "\x00"), &p))
	return p.StatusCode, p.Headers
}
