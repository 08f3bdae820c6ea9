package kmsg_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/storm"
)

// pipe is a log that a test writes to.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kmsg")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path
}

func writer(t *testing.T, path string) *os.File {
	t.Helper()
	// Both ways, so that neither end waits for the other.
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// run follows a log; the events come out of the channel.
func run(t *testing.T, options kmsg.Options) (*kmsg.Reader, <-chan observe.Event) {
	t.Helper()
	events := make(chan observe.Event, 1000)
	if options.Tell == nil {
		options.Tell = func(event observe.Event) { events <- event }
	}
	if options.Retry == 0 {
		options.Retry = 5 * time.Millisecond
	}
	reader := kmsg.New(options)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- reader.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return reader, events
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

const xid79 = "4,17,90000000,-;NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:1e.0\n"

func TestAnErrorIsToldWithItsDeviceAndItsTime(t *testing.T) {
	path := pipe(t)
	log := writer(t, path)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	_, events := run(t, kmsg.Options{
		Path: path, Now: func() time.Time { return now }, SinceBoot: func() time.Duration { return 100 * time.Second },
		UUID: func(address string) string { return map[string]string{"0000:00:1e.0": "GPU-a"}[address] },
	})
	_, err := log.WriteString(xid79)
	require.NoError(t, err)
	require.Equal(t, observe.Event{
		Kind: observe.EventXid, Source: "kmsg", Code: 79, PID: 1234, UUID: "GPU-a", PCI: "0000:00:1e.0", At: now.Add(-10 * time.Second),
		Detail: "NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.",
	}, next(t, events))
}

func TestALineThatAProgramForgedIsNotBelieved(t *testing.T) {
	path := pipe(t)
	log := writer(t, path)
	_, events := run(t, kmsg.Options{Path: path})
	_, err := log.WriteString("12,1,2,-;NVRM: Xid (PCI:0000:00:1e): 79, forged\n" + xid79)
	require.NoError(t, err)
	require.Contains(t, next(t, events).Detail, "pid=1234")

	path = pipe(t)
	log = writer(t, path)
	_, events = run(t, kmsg.Options{Path: path, AnyFacility: true})
	_, err = log.WriteString("12,1,2,-;NVRM: Xid (PCI:0000:00:1e): 79, rehearsed\n")
	require.NoError(t, err)
	require.Contains(t, next(t, events).Detail, "rehearsed")
}

func TestALogIsReadFromItsEndOrFromBoot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(xid79), 0o600))
	reader, fromEnd := run(t, kmsg.Options{Path: path})
	_, fromBoot := run(t, kmsg.Options{Path: path, FromBoot: true})
	require.Equal(t, 79, next(t, fromBoot).Code)

	require.Eventually(t, func() bool {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		defer func() { _ = file.Close() }()
		_, err = file.WriteString("4,18,1,-;NVRM: Xid (PCI:0000:00:1e): 48, pid=1\n")
		require.NoError(t, err)
		return reader.Health().Events > 0
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 48, next(t, fromEnd).Code, "what was there before is passed over")
}

func TestALogThatCannotBeReadIsSaidAndTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later")
	reader, events := run(t, kmsg.Options{Path: path, FromBoot: true})
	require.Eventually(t, func() bool { return strings.Contains(reader.Health().Err, "opening the kernel log") }, 10*time.Second, time.Millisecond)
	require.NoError(t, os.WriteFile(path, []byte(xid79), 0o600))
	require.Equal(t, 79, next(t, events).Code)
	require.Empty(t, reader.Health().Err)
}

func TestALineWithoutAnEndFillsNoMemory(t *testing.T) {
	path := pipe(t)
	log := writer(t, path)
	_, events := run(t, kmsg.Options{Path: path})
	_, err := log.WriteString(strings.Repeat("x", 100_000) + "\n" + xid79)
	require.NoError(t, err)
	require.Equal(t, 79, next(t, events).Code)
}

func TestTenThousandLinesInASecondBecomeOneEventAndItsCount(t *testing.T) {
	path := pipe(t)
	log := writer(t, path)
	var mutex sync.Mutex
	var told []observe.Event
	collapser := storm.New(storm.Options{Window: 100 * time.Millisecond, Tell: func(event observe.Event) {
		mutex.Lock()
		defer mutex.Unlock()
		told = append(told, event)
	}})
	var passed atomic.Int64
	reader, _ := run(t, kmsg.Options{Path: path, Tell: func(event observe.Event) { passed.Add(1); collapser.Take(event) }})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 10_000 {
		_, err := fmt.Fprintf(log, "4,%d,1,-;NVRM: Xid (PCI:0000:dc:00): 45, pid=1818990, name=python3, Ch %08x caused by previous Xid 149\n", i, i)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return passed.Load() == 10_000 }, 10*time.Second, time.Millisecond)
	time.Sleep(250 * time.Millisecond)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(1<<20))
	mutex.Lock()
	defer mutex.Unlock()
	total := 0
	for _, event := range told {
		total += max(event.Count, 1)
	}
	require.Equal(t, 10_000, total)
	require.LessOrEqual(t, len(told), 20, "a few windows at most")
	require.Equal(t, uint64(10_000), reader.Health().Events)
}
