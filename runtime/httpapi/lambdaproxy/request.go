package lambdaproxy

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/httpapi/request"
)

type contextKey struct{}

// Event returns the request context of the event that a request was made of.
func Event(ctx context.Context) (events.APIGatewayProxyRequestContext, bool) {
	event, found := ctx.Value(contextKey{}).(events.APIGatewayProxyRequestContext)
	return event, found
}

func newRequest(ctx context.Context, event events.APIGatewayProxyRequest) (*http.Request, error) {
	body := event.Body
	if event.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("decoding the body: %w", err)
		}
		body = string(raw)
	}
	path, base := split(event)
	info := request.Info{ID: event.RequestContext.RequestID, BasePath: base}
	if deadline, found := ctx.Deadline(); found {
		info.Deadline = deadline
	}
	ctx = context.WithValue(request.With(ctx, info), contextKey{}, event.RequestContext)

	r := (&http.Request{
		Method: event.HTTPMethod, URL: location(path, query(event)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header(event), Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		RemoteAddr: event.RequestContext.Identity.SourceIP + ":0",
	}).WithContext(ctx)
	r.Host = r.Header.Get("Host")
	r.RequestURI = r.URL.RequestURI()
	return r, nil
}

// split parts the path that the caller wrote into the API's own and what comes
// before it. The resource tells how many segments are the API's own; a custom
// domain's base path is in both of the event's paths, a stage only in one.
func split(event events.APIGatewayProxyRequest) (path, base string) {
	own := strings.Count(strings.Trim(event.Resource, "/"), "/") + 1
	for name, value := range event.PathParameters {
		if strings.Contains(event.Resource, "{"+name+"+}") {
			own += strings.Count(strings.Trim(value, "/"), "/")
		}
	}
	path = last(event.Path, own)
	whole := event.RequestContext.Path
	if whole == "" {
		whole = "/" + event.RequestContext.Stage + event.Path
	}
	return path, strings.TrimSuffix(strings.TrimSuffix(whole, "/"), strings.TrimSuffix(path, "/"))
}

// last returns the last segments of a path, with the slash before them.
func last(path string, segments int) string {
	at := len(strings.TrimSuffix(path, "/"))
	for range segments {
		previous := strings.LastIndexByte(path[:at], '/')
		if previous < 0 {
			return path
		}
		at = previous
	}
	return path[at:]
}

func location(path, query string) *url.URL {
	at := &url.URL{Path: path, RawQuery: query}
	// API Gateway leaves percent-encoding in the path.
	if unescaped, err := url.PathUnescape(path); err == nil && unescaped != path {
		at.Path, at.RawPath = unescaped, path
	}
	return at
}

func query(event events.APIGatewayProxyRequest) string {
	values := url.Values(event.MultiValueQueryStringParameters)
	if len(values) == 0 {
		values = url.Values{}
		for name, value := range event.QueryStringParameters {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

func header(event events.APIGatewayProxyRequest) http.Header {
	header := http.Header{}
	for name, values := range event.MultiValueHeaders {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	for name, value := range event.Headers {
		if header.Values(name) == nil {
			header.Set(name, value)
		}
	}
	return header
}
