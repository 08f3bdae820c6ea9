package bedrock

import (
	"io"
	"net/http"
)

// onlyRead hides that a request's body can write itself. The SDK closes the body
// as soon as an answer begins, and a closed one answers WriteTo with io.EOF
// (smithy-go v1.28.9, transport/http/internal/io/safe.go, 2026-11-24). An answer
// that begins before net/http has looked for more of the body is then cut off, as
// net/http takes that for a failed write and closes the connection. A closed
// body that is only read says nothing but that it has ended.
type onlyRead struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t onlyRead) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context())
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.RoundTripper.RoundTrip(request)
}

// shielded is a client whose requests only read their bodies.
func shielded(client *http.Client) *http.Client {
	copied := *client
	if copied.Transport == nil {
		copied.Transport = http.DefaultTransport
	}
	copied.Transport = onlyRead{copied.Transport}
	return &copied
}
