package modelsapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/httpapi/modelsapi"
	"tandem/runtime/httpapi/ratelimit"
	"tandem/runtime/models"
)

func TestAClientThatSendsItsBodyForEverIsCutOff(t *testing.T) {
	f := newFixture(t, router{chat: answering(completion)}, func(o *modelsapi.Options, _ *ratelimit.Options) { o.BodyWithin = 100 * time.Millisecond })
	server := httptest.NewServer(f.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 6000000\r\n\r\n{", chatPath, f.key)
	require.NoError(t, err)
	require.NoError(t, connection.SetReadDeadline(time.Now().Add(10*time.Second)))
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, response.StatusCode)
	var told failure
	require.NoError(t, json.NewDecoder(response.Body).Decode(&told))
	require.Contains(t, told.Error.Message, "did not come within 100ms")
}

func TestABodyThatTookItsTimeDoesNotCutTheAnswerShort(t *testing.T) {
	f := newFixture(t, router{chat: func(context.Context, models.Call) (*models.Answer, error) {
		time.Sleep(300 * time.Millisecond)
		return answering(completion)(nil, models.Call{})
	}}, func(o *modelsapi.Options, _ *ratelimit.Options) { o.BodyWithin = 100 * time.Millisecond })
	server := httptest.NewServer(f.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(question))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+f.key)
	request.Header.Set("Content-Type", "application/json")
	for range 2 { // the second on the same connection
		response, err := server.Client().Do(request.Clone(t.Context()))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.NoError(t, response.Body.Close())
		request.Body, err = request.GetBody()
		require.NoError(t, err)
	}
}

func TestClientsDoNotTryAgainAtOnceWhileAServiceStarts(t *testing.T) {
	for wait, want := range map[time.Duration]string{30 * time.Second: "", 5 * time.Minute: "false"} {
		cold := &models.Error{Status: 503, Type: models.TypeServer, Code: models.CodeCold, Message: "m", RetryAfter: wait}
		f := newFixture(t, router{chat: func(context.Context, models.Call) (*models.Answer, error) { return nil, cold }})
		got := f.post(chatPath, question)
		require.Equal(t, "service_starting", failed(t, got, http.StatusServiceUnavailable).code())
		require.Equal(t, fmt.Sprint(wait.Seconds()), got.Header().Get("Retry-After"))
		require.Equal(t, want, got.Header().Get("X-Should-Retry"))
	}
}
