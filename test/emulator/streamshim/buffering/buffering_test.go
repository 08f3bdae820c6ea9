package buffering_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/emulator/streamshim/buffering"
)

const prelude = `{"statusCode":200,"headers":{"Content-Type":"text/event-stream"}}`

var zeros = strings.Repeat("\x00", 8)

func TestAWholeAnswerHoldsWhatTheStreamDid(t *testing.T) {
	cases := []struct {
		name, stream, want, problem string
	}{
		{name: "text", stream: prelude + zeros + "data: 1\n\n",
			want: `{"statusCode":200,"headers":{"Content-Type":"text/event-stream"},"body":"data: 1\n\n","isBase64Encoded":false}`},
		{name: "bytes that are no text", stream: prelude + zeros + "\xff\x00",
			want: `{"statusCode":200,"headers":{"Content-Type":"text/event-stream"},"body":"/wA=","isBase64Encoded":true}`},
		{name: "no body", stream: prelude + zeros,
			want: `{"statusCode":200,"headers":{"Content-Type":"text/event-stream"},"body":"","isBase64Encoded":false}`},
		{name: "a stream that broke off", stream: prelude, problem: "no body after 65 bytes"},
		{name: "a prelude that is no JSON", stream: "x" + zeros, problem: "invalid character"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			whole, err := buffering.Whole([]byte(c.stream))
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(whole))
		})
	}
}

// runtimeAPI is Lambda's side: it remembers the last answer.
type runtimeAPI struct {
	path, body, contentType, mode string
}

func (r *runtimeAPI) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	raw, _ := io.ReadAll(request.Body)
	r.path, r.body = request.URL.Path, string(raw)
	r.contentType, r.mode = request.Header.Get("Content-Type"), request.Header.Get("Lambda-Runtime-Function-Response-Mode")
	w.WriteHeader(http.StatusAccepted)
}

func TestTheProxyChangesOnlyStreams(t *testing.T) {
	cases := []struct {
		name                  string
		contentType, body     string
		trailer               string
		wantPath, wantContent string
	}{
		{name: "a buffered answer passes", contentType: "application/json", body: `{"statusCode":204}`,
			wantPath: "/response", wantContent: `{"statusCode":204}`},
		{name: "a stream becomes a whole answer", contentType: "application/vnd.awslambda.http-integration-response", body: prelude + zeros + "hi",
			wantPath: "/response", wantContent: `{"statusCode":200,"headers":{"Content-Type":"text/event-stream"},"body":"hi","isBase64Encoded":false}`},
		{name: "a stream that failed half way becomes an error", contentType: "application/vnd.awslambda.http-integration-response", body: prelude + zeros + "h",
			trailer: "Panic", wantPath: "/error", wantContent: `{"errorType":"Stream","errorMessage":"the function failed while it streamed: Panic"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			api := &runtimeAPI{}
			server := httptest.NewServer(api)
			defer server.Close()
			proxy := httptest.NewServer(buffering.Proxy(strings.TrimPrefix(server.URL, "http://")))
			defer proxy.Close()

			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, proxy.URL+"/2018-06-01/runtime/invocation/7/response",
				io.MultiReader(strings.NewReader(c.body)))
			require.NoError(t, err)
			request.Header.Set("Content-Type", c.contentType)
			request.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
			if c.trailer != "" {
				request.Trailer = http.Header{"Lambda-Runtime-Function-Error-Type": {c.trailer}}
			}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()

			require.Equal(t, http.StatusAccepted, response.StatusCode)
			require.Equal(t, "/2018-06-01/runtime/invocation/7"+c.wantPath, api.path)
			require.JSONEq(t, c.wantContent, api.body)
			require.True(t, json.Valid([]byte(api.body)))
			if c.name != "a buffered answer passes" {
				require.Empty(t, api.mode)
				require.Equal(t, "application/json", api.contentType)
			}
		})
	}
}
