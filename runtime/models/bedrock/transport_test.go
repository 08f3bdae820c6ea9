package bedrock

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// closedBody is what the SDK makes of a body once the answer has begun.
type closedBody struct{ io.Reader }

func (closedBody) Close() error                     { return nil }
func (closedBody) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestABodyThatIsClosedEarlyIsNoFailedWrite(t *testing.T) {
	client := shielded(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		require.NoError(t, err, "net/http would close the connection under the answer")
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})})
	answer, err := client.Post("http://bedrock.invalid/", "application/json", closedBody{strings.NewReader("")})
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}
