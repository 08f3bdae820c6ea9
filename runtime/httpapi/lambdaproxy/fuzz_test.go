package lambdaproxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy"
)

// FuzzEvent hands on what a caller chose, whatever it is: path, query, header
// and body arrive as they were sent, and nothing of them breaks the function.
func FuzzEvent(f *testing.F) {
	f.Add("/v1/jobs/{id}", "/prod/v1/jobs/7", "state", "failed", `{"worker":"a"}`, false)
	f.Add("/{proxy+}", "/v1/../x//", "", "%zz", "aGk=", true)
	f.Add("", "", "\x00", "\xff", "=", true)
	f.Fuzz(func(t *testing.T, resource, path, name, value, body string, encoded bool) {
		reached := false
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reached = true
			require.Equal(t, value, r.URL.Query().Get(name))
			raw, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.EqualValues(t, len(raw), r.ContentLength)
			if !encoded {
				require.Equal(t, body, string(raw))
			}
			w.WriteHeader(http.StatusNoContent)
		})
		_, err := lambdaproxy.Proxy{Handler: handler}.Handle(t.Context(), events.APIGatewayProxyRequest{
			HTTPMethod: http.MethodPost, Resource: resource, Path: path, Body: body, IsBase64Encoded: encoded,
			MultiValueQueryStringParameters: map[string][]string{name: {value}},
			Headers:                         map[string]string{"X-Any": value},
			PathParameters:                  map[string]string{"proxy": strings.TrimPrefix(path, "/")},
		})
		require.Equal(t, err == nil, reached, "%v", err)
	})
}
