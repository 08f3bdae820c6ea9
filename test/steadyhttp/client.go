// Package steadyhttp makes the AWS SDK's requests to a server on this machine
// reliable, for tests in which a repeated request would count twice.
//
// When an answer comes before the client is done with its own request, smithy-go
// closes the request's body, net/http takes the end of it for an error and closes
// the connection, and the SDK sends the request again. An emulator that answers
// in a millisecond provokes it about once in a thousand requests (smithy-go 1.28).
package steadyhttp

import (
	"bytes"
	"io"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Client implements aws.HTTPClient.
type Client struct{ next *awshttp.BuildableClient }

// New makes a Client.
func New() *Client { return &Client{awshttp.NewBuildableClient()} }

// Do sends the request with a body that stays open.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		content, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(content))
	}
	return c.next.Do(request)
}
