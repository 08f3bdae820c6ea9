package agent_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
	"tandem/runtime/nodestatus"
)

// host is what an agent sees, and the file that it writes.
type host struct {
	mutex    sync.Mutex
	devices  []observe.Device
	err      error
	asked    int
	statuses []nodestatus.Status
	written  chan nodestatus.Status
}

func newHost() *host {
	return &host{devices: []observe.Device{{Index: 0, UUID: "GPU-a", PCI: "0000:00:1e.0"}}, written: make(chan nodestatus.Status, 1000)}
}

func (h *host) Devices(context.Context) ([]observe.Device, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.asked++
	return h.devices, h.err
}

func (h *host) publish(status nodestatus.Status) error {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.statuses = append(h.statuses, status)
	h.written <- status
	return nil
}

func (h *host) count() (asked, written int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.asked, len(h.statuses)
}

func allChecks(t testing.TB) []checks.Check {
	table, err := xid.Load("")
	require.NoError(t, err)
	return checks.All(table)
}

func (h *host) agent(t testing.TB, change func(*agent.Options)) *agent.Agent {
	options := agent.Options{Devices: h, Checks: allChecks(t), Publish: h.publish}
	if change != nil {
		change(&options)
	}
	return agent.New(options)
}

func fatal(uuid string) observe.Event {
	return observe.Event{Kind: observe.EventXid, Source: "nvml", Code: 79, UUID: uuid, At: time.Now()}
}

func TestASnapshotIsThereBeforeTheFirstLook(t *testing.T) {
	a := newHost().agent(t, nil)
	require.Equal(t, nodestatus.Initializing, a.Snapshot().Status.State)
	require.Equal(t, nodestatus.Initializing, a.Snapshot().Health.State)
	require.Empty(t, a.Snapshot().Host.Devices)
}

// The clock of this test is the machine's: it measures.
func TestAnEventIsInTheFileInFiftyMilliseconds(t *testing.T) {
	h := newHost()
	file := filepath.Join(t.TempDir(), "node-status.json")
	a := h.agent(t, func(o *agent.Options) {
		o.Publish = func(status nodestatus.Status) error {
			if err := nodestatus.Write(file, status); err != nil {
				return err
			}
			return h.publish(status)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = a.Run(ctx) }()
	for status := range h.written {
		if status.State == nodestatus.OK {
			break
		}
	}
	var took time.Duration
	began := time.Now()
	a.Tell(fatal("GPU-a"))
	for status := range h.written {
		if took = time.Since(began); status.State == nodestatus.Impaired {
			break
		}
	}
	t.Logf("from the event to the status file: %s", took)
	require.Less(t, took, time.Second, "a busy machine has a second; 50 ms is what it takes")
	status, err := nodestatus.Read(file)
	require.NoError(t, err)
	require.Equal(t, []string{"XID_79"}, status.Reasons)
}

func TestTenThousandLinesAreOneJudgementAndMemoryStaysFlat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		a := h.agent(t, nil)
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = a.Run(ctx) }()
		time.Sleep(time.Second)
		_, before := h.count()
		var least, most runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&least)
		for i := range 10_000 {
			event := fatal(fmt.Sprint("GPU-", i%4))
			event.Code, event.Detail = 79+i%3, string(make([]byte, 256))
			a.Tell(event)
		}
		time.Sleep(3 * time.Second)
		runtime.GC()
		runtime.ReadMemStats(&most)
		_, after := h.count()
		require.Equal(t, before+1, after, "one judgement")
		require.Less(t, int64(most.HeapAlloc)-int64(least.HeapAlloc), int64(1<<20))
		require.Zero(t, a.Snapshot().Counters.EventsDropped)
		total := uint64(0)
		for _, count := range a.Snapshot().Counters.Xids {
			total += count.Count
		}
		require.EqualValues(t, 10_000, total)
		stop()
	})
}

func TestADriverThatInventsCodesFillsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		a := h.agent(t, nil)
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = a.Run(ctx) }()
		time.Sleep(time.Second)
		for i := range 20_000 {
			event := fatal(fmt.Sprint("GPU-", i))
			event.Code = i
			a.Tell(event)
			if i%1000 == 0 {
				time.Sleep(3 * time.Second)
			}
		}
		time.Sleep(5 * time.Second)
		snapshot := a.Snapshot()
		require.LessOrEqual(t, len(snapshot.Counters.Xids), 256)
		require.LessOrEqual(t, len(snapshot.Health.Findings), 256)
		require.LessOrEqual(t, len(snapshot.Health.Notes), 64)
		stop()
	})
}

func TestAnErrorAsksForALookBeforeItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		a := h.agent(t, nil)
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = a.Run(ctx) }()
		time.Sleep(time.Second)
		asked, _ := h.count()
		a.Tell(fatal("GPU-a"))
		time.Sleep(100 * time.Millisecond)
		after, _ := h.count()
		require.Equal(t, asked+1, after)
		for range 100 {
			a.Tell(fatal("GPU-a"))
		}
		time.Sleep(time.Second)
		again, _ := h.count()
		require.Equal(t, after, again, "what is known already does not")
		stop()
	})
}

func TestAFailureIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := newHost()
		h.err = errors.New("the driver says: unknown error")
		a := h.agent(t, func(o *agent.Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = a.Run(ctx) }()
		time.Sleep(time.Minute)
		stop()
		synctest.Wait()
		require.Equal(t, 1, bytes.Count(log.Bytes(), []byte(`"doing":"reading the GPUs"`)), log.String())
	})
}

func TestAStopDoesNotWaitForADriverThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		h := newHost()
		a := h.agent(t, func(o *agent.Options) { o.Devices = hanging{stuck} })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			_ = a.Run(ctx)
			close(ended)
		}()
		time.Sleep(time.Minute)
		require.Equal(t, nodestatus.InsufficientData, a.Snapshot().Status.State)
		require.ErrorIs(t, a.Snapshot().Host.DevicesErr, observe.ErrHung)
		require.Less(t, time.Since(a.Snapshot().Host.At), 3*time.Second, "the agent goes on looking")
		stop()
		<-ended
		close(stuck)
	})
}

type hanging struct{ until chan struct{} }

func (h hanging) Devices(context.Context) ([]observe.Device, error) {
	<-h.until
	return nil, nil
}
