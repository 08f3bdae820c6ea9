package models_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/settings"
	"tandem/runtime/wake"
)

// waker keeps whom it was to wake.
type waker struct {
	mu    sync.Mutex
	woken []string
	takes time.Duration
}

func (w *waker) Wake(_ context.Context, service string) {
	time.Sleep(w.takes)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = append(w.woken, service)
}

func (w *waker) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.woken...)
}

// own is a service that starts in five minutes, and what is tried after it.
func own(others ...string) settings.Routes {
	routes := []settings.Route{{Name: "own", Type: "service", Model: "r0", ColdStart: 300}}
	for _, kind := range others {
		routes = append(routes, settings.Route{Name: "other", Type: kind, Model: "r1"})
	}
	return settings.Routes{"smart": {Routes: routes}}
}

func TestAColdServiceIsWokenAndPassedBy(t *testing.T) {
	for name, err := range map[string]error{"nobody there": errRefused, "no healthy target": status(503), "bad gateway": status(502)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				waker, begun := &waker{takes: time.Second}, time.Now()
				b := newBench(t, models.Options{Waker: waker, Routes: own("openai")}, &place{do: always(err)}, &place{})
				answer, failed := b.Chat(t.Context(), call)
				require.NoError(t, failed)
				require.Equal(t, []any{"other", 1}, []any{answer.Served.Route, answer.Served.Tier})
				require.Zero(t, time.Since(begun), "the answer does not wait for the wake")
				time.Sleep(time.Second)
				synctest.Wait()
				require.Equal(t, []string{"own"}, waker.all())
			})
		})
	}
}

func TestAServiceThatNeverSleepsIsNotWoken(t *testing.T) {
	routes := own()
	routes["smart"].Routes[0].ColdStart = 0
	waker := &waker{}
	refused := newBench(t, models.Options{Waker: waker, Routes: routes}, &place{do: always(errRefused)}).refused(t)
	require.Equal(t, []any{503, models.CodeCold, 30 * time.Second}, []any{refused.Status, refused.Code, refused.RetryAfter})
	require.Empty(t, waker.all())
}

func TestWithoutAnotherRouteTheClientIsToldWhenTheServiceWillHaveStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waker := &waker{takes: time.Second}
		starts := &place{do: always(errRefused)}
		b := newBench(t, models.Options{Waker: waker, Routes: own()}, starts)
		retry := func() time.Duration {
			refused := b.refused(t)
			require.Equal(t, []any{http.StatusServiceUnavailable, models.CodeCold}, []any{refused.Status, refused.Code})
			return refused.RetryAfter
		}
		require.InDelta(t, 300, retry().Seconds(), 2)
		require.NotEmpty(t, waker.all(), "a function that stands still after its answer has woken it before")
		time.Sleep(4 * time.Minute)
		require.InDelta(t, 57, retry().Seconds(), 5)
		time.Sleep(2 * time.Minute)
		require.Equal(t, 30*time.Second, retry(), "it takes longer than was thought")
		time.Sleep(time.Hour)
		require.InDelta(t, 300, retry().Seconds(), 2, "it has slept again")

		starts.mu.Lock()
		starts.do = nil
		starts.mu.Unlock()
		time.Sleep(time.Minute)
		require.Equal(t, "r0", b.by(t))
		starts.mu.Lock()
		starts.do = always(errRefused)
		starts.mu.Unlock()
		require.InDelta(t, 300, retry().Seconds(), 2, "it answered in between")
	})
}

// The breaker opens on a service that is asked while it starts; what clients are
// told must not change by that.
func TestAServiceThatIsAskedOftenWhileItStartsIsStillCold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cold := &place{do: always(errRefused)}
		b := newBench(t, models.Options{Waker: &waker{}, Routes: own()}, cold)
		for range 20 {
			refused := b.refused(t)
			require.Equal(t, models.CodeCold, refused.Code)
			require.Greater(t, refused.RetryAfter, 4*time.Minute)
		}
		require.Less(t, cold.called(), 10, "and it is not asked each time")
	})
}

func TestOneThatAnswersIsOfTier3(t *testing.T) {
	answer, err := newBench(t, models.Options{Routes: own()}, &place{}).Chat(t.Context(), call)
	require.NoError(t, err)
	require.Equal(t, models.TierService, answer.Served.Tier)
}

// invoker counts what reaches ECS.
type invoker struct {
	mu    sync.Mutex
	calls int
	err   error
}

func (i *invoker) Invoke(context.Context, wake.Call) error {
	time.Sleep(100 * time.Millisecond)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	return i.err
}

func TestAThousandRequestsAtOnceWakeAServiceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ecs := &invoker{}
		b := newBench(t, models.Options{Waker: wake.New(wake.Options{Invoker: ecs}), Routes: own("openai")}, &place{do: always(errRefused)},
			&place{chunks: []string{start, token, end}})
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = b.Chat(t.Context(), call)
				} else {
					_, err = b.ChatStream(t.Context(), call, func(json.RawMessage) error { return nil })
				}
				require.NoError(t, err)
			})
		}
		all.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 1, ecs.calls)
		time.Sleep(time.Minute)
		require.Equal(t, "r1", b.by(t))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 2, ecs.calls, "still cold: it is woken again")
	})
}

func TestAWakeThatFailsIsNotTheClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ecs := &invoker{err: errRefused}
		b := newBench(t, models.Options{Waker: wake.New(wake.Options{Invoker: ecs}), Routes: own("openai")}, &place{do: always(status(503))}, &place{})
		require.Equal(t, "r1", b.by(t))
		time.Sleep(time.Second)
		require.Equal(t, "r1", b.by(t))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 2, ecs.calls, "the next call tries again")
	})
}
