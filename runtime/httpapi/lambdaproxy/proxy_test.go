package lambdaproxy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/httpapi/lambdaproxy"
	"tandem/runtime/httpapi/request"
)

// seen is what a handler saw of an event.
type seen struct {
	*http.Request
	body string
	info request.Info
}

func serve(t *testing.T, event events.APIGatewayProxyRequest) seen {
	t.Helper()
	var got seen
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		got = seen{r, string(body), request.From(r.Context())}
	})
	_, err := lambdaproxy.Proxy{Handler: handler}.Handle(t.Context(), event)
	require.NoError(t, err)
	return got
}

func TestPathsLoseWhatIsNotTheAPIsOwn(t *testing.T) {
	tests := map[string]struct {
		event      events.APIGatewayProxyRequest
		path, base string
	}{
		"a stage": {
			events.APIGatewayProxyRequest{Resource: "/v1/jobs/{id}", Path: "/v1/jobs/7",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live/v1/jobs/7"}},
			"/v1/jobs/7", "/live"},
		"a custom domain without a base path": {
			events.APIGatewayProxyRequest{Resource: "/v1/jobs", Path: "/v1/jobs",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/v1/jobs"}},
			"/v1/jobs", ""},
		"a custom domain with a base path": {
			events.APIGatewayProxyRequest{Resource: "/v1/jobs", Path: "/ai/v1/jobs",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/ai/v1/jobs"}},
			"/v1/jobs", "/ai"},
		"a greedy resource": {
			events.APIGatewayProxyRequest{Resource: "/{proxy+}", Path: "/ai/v1/jobs", PathParameters: map[string]string{"proxy": "v1/jobs"},
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/ai/v1/jobs"}},
			"/v1/jobs", "/ai"},
		"the root": {
			events.APIGatewayProxyRequest{Resource: "/", Path: "/",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live/"}},
			"/", "/live"},
		"no request context": {
			events.APIGatewayProxyRequest{Resource: "/healthz", Path: "/healthz",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live"}},
			"/healthz", "/live"},
		"a percent-encoded segment": {
			events.APIGatewayProxyRequest{Resource: "/v1/jobs/{id}", Path: "/v1/jobs/a%2Fb",
				RequestContext: events.APIGatewayProxyRequestContext{Stage: "live", Path: "/live/v1/jobs/a%2Fb"}},
			"/v1/jobs/a%2Fb", "/live"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := serve(t, test.event)
			require.Equal(t, test.path, got.URL.EscapedPath())
			require.Equal(t, test.base, got.info.BasePath)
		})
	}
}

func TestEventsBecomeTheRequestThatTheCallerSent(t *testing.T) {
	got := serve(t, events.APIGatewayProxyRequest{
		HTTPMethod: "POST", Resource: "/v1/jobs", Path: "/v1/jobs",
		Headers:                         map[string]string{"Host": "api.example.com", "Prefer": "last", "X-Single": "one"},
		MultiValueHeaders:               map[string][]string{"Host": {"api.example.com"}, "prefer": {"respond-async", "wait=5"}},
		QueryStringParameters:           map[string]string{"state": "failed"},
		MultiValueQueryStringParameters: map[string][]string{"state": {"queued", "failed"}, "cursor": {"a&b=c d"}},
		Body:                            "aGVsbG8=", IsBase64Encoded: true,
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: "r-1", Identity: events.APIGatewayRequestIdentity{SourceIP: "192.0.2.7"}},
	})
	require.Equal(t, "POST", got.Method)
	require.Equal(t, "api.example.com", got.Host)
	require.Equal(t, []string{"respond-async", "wait=5"}, got.Header.Values("Prefer"))
	require.Equal(t, "one", got.Header.Get("X-Single"))
	require.Equal(t, []string{"queued", "failed"}, got.URL.Query()["state"])
	require.Equal(t, "a&b=c d", got.URL.Query().Get("cursor"))
	require.Equal(t, "hello", got.body)
	require.EqualValues(t, 5, got.ContentLength)
	require.Equal(t, "r-1", got.info.ID)
	require.Equal(t, "192.0.2.7:0", got.RemoteAddr)
}

func TestABodyThatIsNotBase64IsAnError(t *testing.T) {
	_, err := lambdaproxy.Proxy{Handler: http.NotFoundHandler()}.Handle(t.Context(),
		events.APIGatewayProxyRequest{HTTPMethod: "POST", Resource: "/v1/jobs", Body: "!", IsBase64Encoded: true})
	require.ErrorContains(t, err, "POST /v1/jobs")
}

func TestResponsesKeepStatusHeadersAndBytes(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/live/v1/jobs/7")
		w.Header().Add("Link", "<a>")
		w.Header().Add("Link", "<b>")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte{0xff, 0xfe})
	})
	got, err := lambdaproxy.Proxy{Handler: handler}.Handle(t.Context(), events.APIGatewayProxyRequest{})
	require.NoError(t, err)
	require.Equal(t, events.APIGatewayProxyResponse{
		StatusCode: 202, Headers: map[string]string{"Location": "/live/v1/jobs/7"},
		MultiValueHeaders: map[string][]string{"Link": {"<a>", "<b>"}}, Body: "//4=", IsBase64Encoded: true,
	}, got)
}

func TestAnyEventIsServedWithoutAPanic(t *testing.T) {
	text := rapid.StringMatching(`[ -~/{}+%]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		event := events.APIGatewayProxyRequest{
			Resource: text.Draw(t, "resource"), Path: text.Draw(t, "path"), HTTPMethod: rapid.SampledFrom([]string{"GET", "POST", ""}).Draw(t, "method"),
			PathParameters: map[string]string{"proxy": text.Draw(t, "proxy")}, Body: text.Draw(t, "body"),
			RequestContext: events.APIGatewayProxyRequestContext{Path: text.Draw(t, "outer"), Stage: "live"},
		}
		raw, err := json.Marshal(event)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &event))
		_, err = lambdaproxy.Proxy{Handler: http.NewServeMux()}.Handle(t.Context(), event)
		require.NoError(t, err)
	})
}
