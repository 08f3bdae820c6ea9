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
	turns map[string]time.Time
	last  wake.Call
	asked int
	err   error
}

func (c *controller) Invoke(_ context.Context, call wake.Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs[call.Worker]++
	c.last = call
	return c.err
}

func (c *controller) Turn(_ context.Context, worker string, every time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, found := c.turns[worker]; found && time.Since(last) < every {
		return false, c.err
	}
	c.turns[worker] = time.Now()
	return true, c.err
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
	return &controller{runs: map[string]int{}, tasks: map[string]int{}, turns: map[string]time.Time{}}
}

func (c *controller) waker() *wake.Waker {
	return wake.New(wake.Options{Invoker: c, Fleet: c, Log: slog.New(slog.DiscardHandler)})
}

func TestAThousandSubmitsInASecondWakeOnceHoweverManyProcessesThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newController()
		processes := []*wake.Waker{c.waker(), c.waker(), c.waker()}
		began := time.Now()
		for i := range 1000 {
			processes[i%3].Wake(t.Context(), "a")
			time.Sleep(time.Millisecond)
		}
		require.Equal(t, 1, c.count("a"))
		require.Equal(t, wake.Call{Worker: "a", At: began, Again: 5 * time.Second}, c.last, "the controller looks again for those that came later")
		processes[0].Wake(t.Context(), "b")
		require.Equal(t, 1, c.count("b"), "each worker by itself")
		time.Sleep(5 * time.Second)
		processes[1].Wake(t.Context(), "a")
		require.Equal(t, 2, c.count("a"))
	})
}

func TestAProcessByItselfWakesOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newController()
		waker := wake.New(wake.Options{Invoker: c})
		for range 100 {
			waker.Wake(t.Context(), "a")
		}
		require.Equal(t, 1, c.count("a"))
		time.Sleep(5 * time.Second)
		waker.Wake(t.Context(), "a")
		require.Equal(t, 2, c.count("a"))
	})
}

func TestAWakeThatFailedIsTriedByTheNextSubmit(t *testing.T) {
	c := newController()
	c.err = errors.New("throttled")
	waker := c.waker()
	waker.Wake(t.Context(), "a")
	waker.Wake(t.Context(), "a")
	require.Equal(t, 2, c.count("a"))
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

func (h heeding) Invoke(ctx context.Context, call wake.Call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.controller.Invoke(ctx, call)
}
