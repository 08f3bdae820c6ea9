package storm_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/storm"
)

func xid(code int, uuid string) observe.Event {
	return observe.Event{Kind: observe.EventXid, Source: "kmsg", Code: code, UUID: uuid}
}

// log is what was told, to whichever goroutine asks.
type log struct {
	mutex sync.Mutex
	told  []observe.Event
}

func (l *log) tell(event observe.Event) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.told = append(l.told, event)
}

func (l *log) events() []observe.Event {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.told)
}

// counts of events by kind.
func (l *log) counts() map[observe.EventKind]int {
	counts := map[observe.EventKind]int{}
	for _, event := range l.events() {
		counts[event.Kind] += max(event.Count, 1)
	}
	return counts
}

func TestTheFirstOfAStormPassesAtOnceAndTheRestAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard log
		c := storm.New(storm.Options{Tell: heard.tell})
		for range 10_000 {
			c.Take(xid(45, "GPU-a"))
		}
		c.Take(xid(45, "GPU-b"))
		c.Take(xid(79, "GPU-a"))
		require.Len(t, heard.events(), 3, "one of each, and all at once")

		time.Sleep(time.Second)
		synctest.Wait()
		require.Len(t, heard.events(), 4)
		require.Equal(t, 9_999, heard.events()[3].Count)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, heard.events(), 4)

		c.Take(xid(45, "GPU-a"))
		require.Len(t, heard.events(), 5, "after the storm the next one passes at once again")
	})
}

func TestAStormThatGoesOnIsToldOnceAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard log
		c := storm.New(storm.Options{Tell: heard.tell})
		for range 100 {
			c.Take(xid(13, "GPU-a"))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.InDelta(t, 11, len(heard.events()), 1)
	})
}

func TestEventsOfTooManyKindsAreFoldedAndMemoryStaysFlat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard log
		c := storm.New(storm.Options{Tell: heard.tell})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range 100_000 {
			c.Take(xid(i, fmt.Sprint("GPU-", i)))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(1<<20))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, map[observe.EventKind]int{observe.EventXid: 256, observe.EventStorm: 100_000 - 256}, heard.counts())
	})
}

func TestNoEventIsLostOrMadeUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(r, "codes")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 3), len(events), len(events)).Draw(r, "pauses")
		synctest.Test(t, func(t *testing.T) {
			var heard log
			c := storm.New(storm.Options{Kinds: 4, Tell: heard.tell})
			for i, code := range events {
				c.Take(xid(code, "GPU-a"))
				time.Sleep(time.Duration(pauses[i]) * 400 * time.Millisecond)
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
			total := 0
			for _, count := range heard.counts() {
				total += count
			}
			require.Equal(t, len(events), total)
		})
	})
}
