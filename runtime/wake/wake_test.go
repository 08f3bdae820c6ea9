package wake_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/wake"
)

// controller counts its runs.
type controller struct {
	mu    sync.Mutex
	runs  map[string]int
	tasks map[string]int
	asked int
	err   error
}

func (c *controller) Invoke(_ context.Context, worker string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs[worker]++
	return c.err
}

func (c *controller) Tasks(_ context.Context, worker string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	return c.tasks[worker], c.err
}

func (c *controller) count(worker string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[worker]
}

func newController() *controller {
	return &controller{runs: map[string]int{}, tasks: map[string]int{}}
}

func (c *controller) waker() *wake.Waker {
	return wake.New(wake.Options{Invoker: c, Fleet: c, Log: slog.New(slog.DiscardHandler)})
}

func TestABurstWakesOnceAtOnceAndOnceAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newController()
		waker := c.waker()
		for range 1000 {
			waker.Wake(t.Context(), "a")
		}
		require.Equal(t, 1, c.count("a"), "the first has run when it returns")
		waker.Wake(t.Context(), "b")
		require.Equal(t, 1, c.count("b"), "each worker by itself")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Equal(t, 2, c.count("a"), "one for those that came after it")
		require.Equal(t, 1, c.count("b"))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, c.count("a"))
		waker.Wake(t.Context(), "a")
		require.Equal(t, 3, c.count("a"))
	})
}

func TestASteadyStreamWakesAtMostOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newController()
		waker := c.waker()
		for range 600 {
			waker.Wake(t.Context(), "a")
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		require.LessOrEqual(t, c.count("a"), 13)
		require.GreaterOrEqual(t, c.count("a"), 11)
	})
}

func TestAWorkerWithTasksIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newController()
		c.tasks["a"] = 2
		waker := c.waker()
		for range 19 {
			waker.Wake(t.Context(), "a")
			time.Sleep(time.Second)
		}
		require.Zero(t, c.count("a"))
		require.Equal(t, 1, c.asked, "not a call a submit")
		c.tasks["a"] = 0
		time.Sleep(2 * time.Second)
		waker.Wake(t.Context(), "a")
		require.Equal(t, 1, c.count("a"))
	})
}

func TestAFleetThatCannotBeAskedIsWoken(t *testing.T) {
	c := newController()
	c.err = errors.New("throttled")
	c.waker().Wake(t.Context(), "a")
	require.Equal(t, 1, c.count("a"))
}

func TestACallerThatHasGoneDoesNotKeepTheFleetAsleep(t *testing.T) {
	c := newController()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wake.New(wake.Options{Invoker: heeding{c}}).Wake(ctx, "a")
	require.Equal(t, 1, c.count("a"))
}

// heeding is a controller that heeds its context.
type heeding struct{ *controller }

func (h heeding) Invoke(ctx context.Context, worker string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.controller.Invoke(ctx, worker)
}
