package lambdaproxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
)

const streaming = "application/vnd.awslambda.http-integration-response"

type prelude struct {
	StatusCode        int
	Headers           map[string]string
	MultiValueHeaders map[string][]string
}

// readPrelude reads the JSON and the eight zero bytes that come before a streamed body.
func readPrelude(t *testing.T, body *bufio.Reader) prelude {
	t.Helper()
	var raw []byte
	for !bytes.HasSuffix(raw, make([]byte, 8)) {
		b, err := body.ReadByte()
		require.NoError(t, err)
		raw = append(raw, b)
	}
	var p prelude
	require.NoError(t, json.Unmarshal(bytes.TrimRight(raw, "\x00"), &p))
	return p
}

func TestABuiltFunctionAnswersTheRuntimeAPI(t *testing.T) {
	function := runtimetest.Start(t, runtimetest.Build(t, "testdata/streamer"), nil)

	t.Run("a stream arrives while the handler still writes", func(t *testing.T) {
		answer := function.Invoke(t, events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/stream/{id}", Path: "/stream/7"}, 2*time.Second)
		require.Equal(t, streaming, answer.ContentType)
		body := bufio.NewReader(answer.Body)
		head := readPrelude(t, body)
		require.Equal(t, 200, head.StatusCode)
		require.Equal(t, "text/event-stream", head.Headers["Content-Type"])
		require.Equal(t, []string{"a=1", "b=2"}, head.MultiValueHeaders["Set-Cookie"])
		for _, want := range []string{"line 0 of 7\n", "line 1 of 7\n", "line 2 of 7\n"} {
			line, err := body.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, want, line)
		}
		// The handler waits for the end of its time; only then does the stream end.
		_, err := body.ReadByte()
		require.ErrorIs(t, err, io.EOF)
		answer.Close()
	})

	t.Run("an error of a streaming resource is streamed too", func(t *testing.T) {
		answer := function.Invoke(t, events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/stream/{id}/missing", Path: "/stream/7/missing"}, time.Second)
		require.Equal(t, streaming, answer.ContentType)
		require.Equal(t, 404, readPrelude(t, bufio.NewReader(answer.Body)).StatusCode)
		answer.Close()
	})

	t.Run("a panic before the first byte is a 500, and the function lives on", func(t *testing.T) {
		answer := function.Invoke(t, events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/panic/early", Path: "/panic/early"}, time.Second)
		require.Equal(t, 500, readPrelude(t, bufio.NewReader(answer.Body)).StatusCode)
		answer.Close()
	})

	t.Run("other resources are answered in one piece", func(t *testing.T) {
		answer := function.Invoke(t, events.APIGatewayProxyRequest{HTTPMethod: "POST", Resource: "/echo", Path: "/echo", Body: "hello"}, time.Second)
		var response events.APIGatewayProxyResponse
		require.NoError(t, json.NewDecoder(answer.Body).Decode(&response))
		require.Equal(t, events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{},
			MultiValueHeaders: map[string][]string{}, Body: "hello"}, response)
		answer.Close()
	})

	t.Run("a panic after the first byte cuts the stream", func(t *testing.T) {
		answer := function.Invoke(t, events.APIGatewayProxyRequest{HTTPMethod: "GET", Resource: "/panic/late", Path: "/panic/late"}, time.Second)
		body := bufio.NewReader(answer.Body)
		require.Equal(t, 200, readPrelude(t, body).StatusCode)
		line, err := body.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "begun\n", line)
		answer.Close()
	})
}
