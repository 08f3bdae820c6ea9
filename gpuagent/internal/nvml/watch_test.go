//go:build cgo && linux

package nvml_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/nvml"
	"tandem/gpuagent/internal/observe"
)

// watch listens to a library that has been read once; it has subscribed when it
// returns.
func watch(t *testing.T, library *nvml.Library) <-chan observe.Event {
	t.Helper()
	events := make(chan observe.Event, 20_000)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- library.Watch(ctx, func(event observe.Event) { events <- event }) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return events
}

func next(t *testing.T, events <-chan observe.Event) observe.Event {
	t.Helper()
	select {
	case event := <-events:
		return event
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return observe.Event{}
	}
}

func TestAnXidIsToldWithItsDevice(t *testing.T) {
	library, script := open(t, "count 2", "gpu 1 uuid GPU-b")
	devices(t, library)
	events := watch(t, library)
	// Before it has subscribed, events are lost, as with any driver.
	var event observe.Event
	require.Eventually(t, func() bool {
		require.NoError(t, script.Add("event 1 79"))
		select {
		case event = <-events:
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}, 10*time.Second, time.Millisecond)
	require.WithinDuration(t, time.Now(), event.At, time.Minute)
	event.At = time.Time{}
	require.Equal(t, observe.Event{
		Kind: observe.EventXid, Source: "nvml", Code: 79, UUID: "GPU-b", PCI: "00000000:00:11.0", Detail: "Xid 79 told by the driver's library",
	}, event)
}

func TestAWatchOutlivesADriverThatIsNotThereYetAndADeviceThatGetsLost(t *testing.T) {
	library, script := open(t, "init 9", "count 2", "gpu 0 uuid GPU-a")
	_, err := library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrNoDriver)
	events := watch(t, library)

	require.NoError(t, script.Write("count 2", "gpu 0 uuid GPU-a"))
	devices(t, library)
	hears := func() {
		t.Helper()
		require.Eventually(t, func() bool {
			require.NoError(t, script.Add("event 0 31"))
			select {
			case event := <-events:
				return event.UUID == "GPU-a" && event.Code == 31
			case <-time.After(20 * time.Millisecond):
				return false
			}
		}, 10*time.Second, time.Millisecond)
	}
	hears()
	require.NoError(t, script.Add("gpu 1 lost 1"))
	hears()
}

func TestAStormIsToldWhole(t *testing.T) {
	library, script := open(t)
	devices(t, library)
	events := watch(t, library)
	require.Eventually(t, func() bool {
		require.NoError(t, script.Add("event 0 1"))
		select {
		case <-events:
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, script.Add("event 0 45 x10000"))
	for told := 0; told < 10_000; {
		if next(t, events).Code == 45 {
			told++
		}
	}
}
