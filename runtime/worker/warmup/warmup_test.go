package warmup_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/warmup"
)

// model is a server without a network, so that its time is the test's.
type model struct {
	mu sync.Mutex
	// health and answer are what it says; an error is no connection.
	health func() (int, error)
	answer func(ctx context.Context, body string) (int, error)
	// requests are the bodies of the warm-up requests, asked is how often it was
	// asked for its health.
	requests []string
	asked    int
}

func (m *model) RoundTrip(request *http.Request) (*http.Response, error) {
	m.mu.Lock()
	health, answer := m.health, m.answer
	m.mu.Unlock()
	var status int
	var err error
	switch request.URL.Path {
	case "/health":
		m.asked++
		status, err = health()
	case "/v1/chat/completions":
		raw, _ := io.ReadAll(request.Body)
		m.mu.Lock()
		m.requests = append(m.requests, string(raw))
		m.mu.Unlock()
		status, err = answer(request.Context(), string(raw))
	default:
		status = http.StatusNotFound
	}
	if err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Location", "/elsewhere")
	recorder.WriteHeader(status)
	_, _ = io.WriteString(recorder, "said so")
	return recorder.Result(), nil
}

func (m *model) says(health func() (int, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.health = health
}

func ready() (int, error) { return http.StatusOK, nil }

func refused() (int, error) { return 0, errors.New("connection refused") }

func served(context.Context, string) (int, error) { return http.StatusOK, nil }

func newWarmer(t *testing.T, m *model) *warmup.Warmer {
	t.Helper()
	w, err := warmup.New(warmup.Options{
		Endpoint: "http://model:8000/", HealthPath: "/health", Path: "/v1/chat/completions", Body: []byte(`{"model":"llama"}`),
		Timeout: time.Minute, Transport: m,
	})
	require.NoError(t, err)
	return w
}

func status(w *warmup.Warmer) (int, string) {
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	return recorder.Code, strings.TrimSpace(recorder.Body.String())
}

func TestAModelIsHealthyOnceItHasServedTheWarmUpRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, healthyDuring := time.Now(), 0
		m := &model{health: func() (int, error) {
			if time.Since(begun) < 3*time.Minute {
				return refused()
			}
			return ready()
		}}
		w := newWarmer(t, m)
		m.answer = func(context.Context, string) (int, error) {
			healthyDuring, _ = status(w)
			time.Sleep(20 * time.Second)
			return http.StatusOK, nil
		}
		require.NoError(t, w.Warm(t.Context()))
		require.Equal(t, 3*time.Minute+20*time.Second, time.Since(begun))
		require.Equal(t, []string{`{"model":"llama"}`}, m.requests)
		require.Equal(t, http.StatusServiceUnavailable, healthyDuring, "while it compiles it gets no other request")
		code, _ := status(w)
		require.Equal(t, http.StatusOK, code)
	})
}

func TestAModelThatIsNeverReadyIsNeverAskedNorHealthy(t *testing.T) {
	for name, health := range map[string]func() (int, error){
		"no connection":         refused,
		"an error":              func() (int, error) { return http.StatusInternalServerError, nil },
		"a redirect":            func() (int, error) { return http.StatusFound, nil },
		"another kind of a 2xx": func() (int, error) { return http.StatusNoContent, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &model{health: health, answer: served}
				w := newWarmer(t, m)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				require.ErrorIs(t, w.Warm(ctx), context.DeadlineExceeded)
				require.Empty(t, m.requests)
				require.InDelta(t, 3600, m.asked, 1, "once a second")
				code, reason := status(w)
				require.Equal(t, http.StatusServiceUnavailable, code)
				require.Contains(t, reason, "warm-up")
			})
		})
	}
}

func TestAWarmUpThatFailsIsMadeAgain(t *testing.T) {
	for name, first := range map[string]func(context.Context, string) (int, error){
		"an error":      func(context.Context, string) (int, error) { return http.StatusInternalServerError, nil },
		"a refusal":     func(context.Context, string) (int, error) { return http.StatusNotFound, nil },
		"no connection": func(context.Context, string) (int, error) { return refused() },
		"no answer": func(ctx context.Context, _ string) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &model{health: ready}
				w := newWarmer(t, m)
				m.answer = func(ctx context.Context, body string) (int, error) {
					if len(m.requests) == 1 {
						return first(ctx, body)
					}
					code, _ := status(w)
					require.Equal(t, http.StatusServiceUnavailable, code)
					return http.StatusOK, nil
				}
				require.NoError(t, w.Warm(t.Context()))
				require.Len(t, m.requests, 2)
				code, _ := status(w)
				require.Equal(t, http.StatusOK, code)
			})
		})
	}
}

func TestAWarmUpThatFailsForEverDoesNotKeepTheModelBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &model{health: ready, answer: func(context.Context, string) (int, error) { return http.StatusBadRequest, nil }}
		w := newWarmer(t, m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.ErrorIs(t, w.Warm(ctx), context.DeadlineExceeded)
		require.InDelta(t, 125, len(m.requests), 5, "one each half a minute")
	})
}

func TestAModelThatDiesLaterIsUnhealthyUntilItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &model{health: ready, answer: served}
		w := newWarmer(t, m)
		require.NoError(t, w.Warm(t.Context()))
		m.says(refused)
		code, reason := status(w)
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Contains(t, reason, "connection refused")
		m.says(func() (int, error) { return http.StatusInternalServerError, nil })
		code, reason = status(w)
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Contains(t, reason, "500: said so")
		m.says(ready)
		code, _ = status(w)
		require.Equal(t, http.StatusOK, code)
		require.Len(t, m.requests, 1)
	})
}

func TestAStopEndsTheWarmUpAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		m := &model{health: ready, answer: func(ctx context.Context, _ string) (int, error) {
			stop()
			<-ctx.Done()
			return 0, ctx.Err()
		}}
		w, begun := newWarmer(t, m), time.Now()
		require.ErrorIs(t, w.Warm(ctx), context.Canceled)
		require.Zero(t, time.Since(begun))
		code, _ := status(w)
		require.Equal(t, http.StatusServiceUnavailable, code)
	})
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, options := range []warmup.Options{
		{}, {Endpoint: "http://model", HealthPath: "/health"}, {Endpoint: "http://model", Path: "/v1"},
		{Endpoint: "http://model", HealthPath: "health", Path: "/v1"},
	} {
		_, err := warmup.New(options)
		require.Error(t, err)
	}
}
