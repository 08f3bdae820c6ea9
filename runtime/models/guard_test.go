package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/models"
	"tandem/runtime/settings"
)

func TestARouteThatFailsAgainAndAgainIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &place{do: failing(6, status(500))}
		b := newBench(t, models.Options{}, first, &place{})
		for range 8 {
			require.Equal(t, "r1", b.by(t))
		}
		require.Equal(t, 5, first.called(), "not asked after five failures")
		time.Sleep(15*time.Second + time.Millisecond)
		require.Equal(t, "r1", b.by(t), "one call tries it, in vain")
		require.Equal(t, "r1", b.by(t))
		require.Equal(t, 6, first.called())
		time.Sleep(15*time.Second + time.Millisecond)
		require.Equal(t, "r0", b.by(t), "and then it is back")
	})
}

func TestMistakesOfClientsAndThoseWhoHangUpOpenNoCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{do: func(ctx context.Context, call int, r models.Request) error {
			switch {
			case call < 10:
				return status(400)
			case call < 20:
				return hanging(ctx, call, r)
			default:
				return nil
			}
		}}
		b := newBench(t, models.Options{}, p)
		for range 10 {
			require.Equal(t, 400, b.refused(t).Status)
		}
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := b.Chat(ctx, call)
			require.ErrorIs(t, err, context.Canceled)
		}
		require.Equal(t, "r0", b.by(t))
	})
}

func TestStreamsThatBreakOffOpenTheCircuit(t *testing.T) {
	first := &place{chunks: []string{start, token}, after: errors.New("reset")}
	b := newBench(t, models.Options{Failures: 1}, first, &place{chunks: []string{start, token, end}})
	_, _, err := b.streamed(t.Context())
	require.Error(t, err)
	_, served, err := b.streamed(t.Context())
	require.NoError(t, err)
	require.Equal(t, "r1", served.UpstreamModel)
}

func limited(second bool) settings.Routes {
	routes := []settings.Route{{Name: "p0", Type: "openai", Model: "r0", Concurrency: 2}, {Name: "p1", Type: "openai", Model: "r1"}}
	if !second {
		routes = routes[:1]
	}
	return settings.Routes{"smart": {Routes: routes}}
}

// taking is a place whose answers take a second.
func taking() *place {
	return &place{do: func(context.Context, int, models.Request) error { time.Sleep(time.Second); return nil }}
}

func TestNoMoreRequestsThanAllowedAreUnderWay(t *testing.T) {
	for name, test := range map[string]struct {
		second bool
		took   time.Duration
		first  int
	}{
		"the others go to the next route":            {true, time.Second, 2},
		"on the last route they wait for each other": {false, 3 * time.Second, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := taking()
				b := newBench(t, models.Options{Routes: limited(test.second)}, first, taking())
				began := time.Now()
				var group sync.WaitGroup
				for range 6 {
					group.Go(func() { b.by(t) })
				}
				group.Wait()
				require.Equal(t, test.took, time.Since(began))
				require.Equal(t, test.first, first.called())
			})
		})
	}
	t.Run("a stream counts until its end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, models.Options{Routes: limited(true)}, &place{chunks: []string{start, token, end}}, &place{})
			var group sync.WaitGroup
			for range 2 {
				group.Go(func() {
					_, err := b.ChatStream(t.Context(), call, func(json.RawMessage) error { time.Sleep(time.Minute); return nil })
					if err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
			require.Equal(t, "r1", b.by(t))
			group.Wait()
			require.Equal(t, "r0", b.by(t))
		})
	})
}

func TestHedgingAsksASecondRouteAndTakesTheFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped error
		slow := &place{do: func(ctx context.Context, call int, r models.Request) error {
			stopped = hanging(ctx, call, r)
			return stopped
		}}
		began := time.Now()
		b := newBench(t, models.Options{HedgeAfter: time.Second}, slow, &place{do: hanging}, &place{})
		require.Equal(t, "r2", b.by(t), "the third is asked as the second thinks")
		require.Equal(t, 2*time.Second, time.Since(began))
		synctest.Wait()
		require.ErrorIs(t, stopped, context.Canceled, "the slow one is stopped")
		time.Sleep(time.Minute)
	})
	t.Run("one that fails is replaced at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			require.Equal(t, "r1", newBench(t, models.Options{HedgeAfter: time.Minute}, &place{do: always(errRefused)}, &place{}).by(t))
			require.Zero(t, time.Since(began))
			require.Equal(t, 400, newBench(t, models.Options{HedgeAfter: time.Minute}, &place{do: always(status(400))}, &place{}).refused(t).Status)
		})
	})
	t.Run("a stream that comes too late is closed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			late := &place{chunks: []string{start, token, end}, do: func(context.Context, int, models.Request) error { time.Sleep(time.Minute); return nil }}
			b := newBench(t, models.Options{HedgeAfter: time.Second, Routes: limited(true)}, late, &place{chunks: []string{start, token, end}})
			_, served, err := b.streamed(t.Context())
			require.NoError(t, err)
			require.Equal(t, "r1", served.UpstreamModel)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Positive(t, late.closed)
		})
	})
}
