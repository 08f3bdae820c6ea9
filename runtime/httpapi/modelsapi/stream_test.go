package modelsapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
)

const streamed = `{"model": "analyst", "messages": [{"role": "user", "content": "a"}], "stream": true}`

func saying(chunks ...string) func(context.Context, models.Call, func(json.RawMessage) error) (models.Served, error) {
	return func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		for _, chunk := range chunks {
			if err := send(json.RawMessage(chunk)); err != nil {
				return served, err
			}
		}
		return served, nil
	}
}

func TestAStreamIsEventsThatEndWithWhatItTook(t *testing.T) {
	f := newFixture(t, router{stream: saying(`{"choices":[{"delta":{"content":"It"}}]}`, "{\n\"choices\": [{\"delta\":{\"content\":\" is\"}}]}", `{"choices":[],"usage":{"total_tokens":46}}`)})
	got := f.post(chatPath, streamed)
	require.Equal(t, "text/event-stream", got.Header().Get("Content-Type"))
	const took = `{"model":"analyst","route":"openai","upstream_model":"gpt-5","tier":1,"input_tokens":12,"output_tokens":34,"cost_usd":0.0125,"attempts":2,"first_token_ms":20,"total_ms":1234}`
	require.Equal(t, `data: {"choices":[{"delta":{"content":"It"}}]}

data: {"choices":[{"delta":{"content":" is"}}]}

data: {"choices":[],"usage":{"total_tokens":46},"tandem":`+took+`}

: tandem `+took+`

data: [DONE]

`, got.Body.String())
}

func TestAChunkWithoutChoicesInTheMiddleKeepsItsPlace(t *testing.T) {
	f := newFixture(t, router{stream: saying(`{"choices":[{}],"n":1}`, `{"choices":[],"n":2}`, `{"choices":[{}],"n":3}`)})
	body := f.post(chatPath, streamed).Body.String()
	require.Less(t, strings.Index(body, `"n":1`), strings.Index(body, `"n":2`))
	require.Less(t, strings.Index(body, `"n":2}`), strings.Index(body, `"n":3`))
}

func TestEachChunkIsFlushed(t *testing.T) {
	arrived, seen := make(chan struct{}), make(chan struct{})
	f := newFixture(t, router{stream: func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		require.NoError(t, send(json.RawMessage(`{"choices":[{}]}`)))
		close(arrived)
		<-seen
		return served, nil
	}})
	server := httptest.NewServer(f.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(streamed))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+f.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	<-arrived
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, `data: {"choices":[{}]}`+"\n", line)
	close(seen)
}

func TestAStreamThatFailsBeforeItBeginsIsAnOrdinaryError(t *testing.T) {
	f := newFixture(t, router{stream: func(context.Context, models.Call, func(json.RawMessage) error) (models.Served, error) {
		return models.Served{}, &models.Error{Status: 429, Type: models.TypeRateLimit, Code: models.CodeRateLimit, Message: "m", RetryAfter: time.Second}
	}})
	got := f.post(chatPath, streamed)
	require.Equal(t, "rate_limit_exceeded", failed(t, got, http.StatusTooManyRequests).code())
	require.Equal(t, "1", got.Header().Get("Retry-After"))
}

func TestAStreamThatBreaksOffSaysSoInsteadOfDone(t *testing.T) {
	f := newFixture(t, router{stream: func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		_ = send(json.RawMessage(`{"choices":[{}]}`))
		return served, &models.Error{Status: 502, Type: models.TypeServer, Code: models.CodeUnavailable, Message: "The model's answer broke off."}
	}})
	body := f.post(chatPath, streamed).Body.String()
	require.True(t, strings.HasSuffix(body, `data: {"error":{"message":"The model's answer broke off.","type":"server_error","param":null,"code":"model_unavailable"}}`+"\n\n"), body)
	require.NotContains(t, body, "[DONE]")
	require.Contains(t, f.logs.String(), "broke off")
}

func TestASilentStreamSaysEachQuarterOfAMinuteThatItLives(t *testing.T) {
	f := newFixture(t, router{stream: func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		time.Sleep(40 * time.Second)
		_ = send(json.RawMessage(`{"choices":[{}]}`))
		time.Sleep(20 * time.Second)
		return served, nil
	}})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		body := f.post(chatPath, streamed).Body.String()
		before, after, found := strings.Cut(body, `data: {"choices"`)
		require.True(t, found)
		require.Equal(t, 2, strings.Count(before, ": keep-alive\n\n"))
		require.Equal(t, 1, strings.Count(after, ": keep-alive\n\n"))
	})
}

func TestAStreamThatFailsAfterASignOfLifeTellsByAnEvent(t *testing.T) {
	f := newFixture(t, router{stream: func(context.Context, models.Call, func(json.RawMessage) error) (models.Served, error) {
		time.Sleep(20 * time.Second)
		return served, &models.Error{Status: 503, Type: models.TypeServer, Message: "down"}
	}})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		got := f.post(chatPath, streamed)
		require.Equal(t, http.StatusOK, got.Code)
		require.Contains(t, got.Body.String(), `data: {"error":{"message":"down"`)
	})
}

func TestAStreamThatMayBecomeAJobIsSilentUntilItIsDecided(t *testing.T) {
	f := newFixture(t, router{stream: func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		time.Sleep(40 * time.Second)
		_ = send(json.RawMessage(`{"choices":[{}]}`))
		time.Sleep(20 * time.Second)
		return served, nil
	}})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		body := f.post(chatPath, streamed, "Prefer", "wait=50").Body.String()
		require.True(t, strings.HasPrefix(body, `data: {"choices"`), body)
		require.Equal(t, 1, strings.Count(body, ": keep-alive\n\n"))
	})
}

func TestAStreamEndsBeforeThePlatformCutsIt(t *testing.T) {
	f := newFixture(t, router{stream: func(ctx context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		_ = send(json.RawMessage(`{"choices":[{}]}`))
		<-ctx.Done()
		return served, ctx.Err()
	}})
	synctest.Test(t, func(t *testing.T) {
		f.t = t
		began := time.Now()
		body := f.post(chatPath, streamed).Body.String()
		require.Equal(t, 14*time.Minute+28*time.Second, time.Since(began))
		require.Contains(t, body, `"type":"timeout_error"`)
	})
}

func TestAStreamThatNobodyReadsStops(t *testing.T) {
	var err error
	f := newFixture(t, router{stream: func(_ context.Context, _ models.Call, send func(json.RawMessage) error) (models.Served, error) {
		for err == nil {
			err = send(json.RawMessage(`{"choices":[{}]}`))
		}
		return served, err
	}})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, strings.NewReader(streamed))
	request.Header.Set("Authorization", "Bearer "+f.key)
	request.Header.Set("Content-Type", "application/json")
	f.handler.ServeHTTP(&gone{ResponseWriter: httptest.NewRecorder(), left: 3}, request)
	require.ErrorContains(t, err, "the client reads no more")
}

// gone is a client that hangs up after some events.
type gone struct {
	http.ResponseWriter
	left int
}

func (g *gone) Write(p []byte) (int, error) {
	if g.left == 0 {
		return 0, errors.New("connection reset")
	}
	g.left--
	return g.ResponseWriter.Write(p)
}
