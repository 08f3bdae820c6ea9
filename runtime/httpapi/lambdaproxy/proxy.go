package lambdaproxy

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Proxy serves a handler.
type Proxy struct {
	// Handler is required.
	Handler http.Handler
	// Streams lists the resources, such as /v1/jobs/{id}/events, whose
	// integration takes a stream. Defaults to none.
	Streams []string
}

// Handle answers one event; it is what lambda.Start wants. It returns an
// events.APIGatewayProxyResponse, or an *events.APIGatewayProxyStreamingResponse
// for a resource that streams.
func (p Proxy) Handle(ctx context.Context, event events.APIGatewayProxyRequest) (any, error) {
	request, err := newRequest(ctx, event)
	if err != nil {
		return nil, fmt.Errorf("reading the event of %s %s: %w", event.HTTPMethod, event.Resource, err)
	}
	if slices.Contains(p.Streams, event.Resource) {
		return stream(p.Handler, request), nil
	}
	recorder := &buffer{header: http.Header{}}
	p.Handler.ServeHTTP(recorder, request)
	return recorder.response(), nil
}

// buffer is an http.ResponseWriter that keeps everything.
type buffer struct {
	header http.Header
	status int
	body   []byte
}

func (b *buffer) Header() http.Header { return b.header }

func (b *buffer) WriteHeader(status int) {
	if b.status == 0 && status >= 200 { // Lambda passes no interim responses on
		b.status = status
	}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	b.body = append(b.body, p...)
	return len(p), nil
}

func (b *buffer) response() events.APIGatewayProxyResponse {
	b.WriteHeader(http.StatusOK)
	single, multiple := headers(b.header)
	response := events.APIGatewayProxyResponse{StatusCode: b.status, Headers: single, MultiValueHeaders: multiple}
	if utf8.Valid(b.body) {
		response.Body = string(b.body)
	} else {
		response.Body, response.IsBase64Encoded = base64.StdEncoding.EncodeToString(b.body), true
	}
	return response
}

// headers splits a header into names with one value and names with several.
// API Gateway joins both.
func headers(header http.Header) (map[string]string, map[string][]string) {
	single, multiple := map[string]string{}, map[string][]string{}
	for name, values := range header {
		switch len(values) {
		case 0:
		case 1:
			single[name] = values[0]
		default:
			multiple[name] = values
		}
	}
	return single, multiple
}
