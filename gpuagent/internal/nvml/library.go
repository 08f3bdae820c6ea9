//go:build cgo && linux

package nvml

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
)

// Options of a [Library].
type Options struct {
	// Path of the library. Defaults to libnvidia-ml.so.1, wherever the dynamic
	// linker finds it.
	Path string
	// Limit of one look at all devices; past it the driver counts as hung. The
	// first look, which may have to wake the driver, has three times as long.
	// Defaults to 10s.
	Limit time.Duration
	// Retry is how long a watch waits before it tries a driver again that has
	// refused it. Defaults to 1s.
	Retry time.Duration
	// Listen is how long one call waits for an event: it bounds how long a reload
	// of the library waits for the watch, and wakes the agent rarely. Defaults to 2s.
	Listen time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Library reads GPUs and hears their events through NVML. It is safe for
// concurrent use.
type Library struct {
	api     nvml.Interface
	options Options
	// looking holds one token: it is away while a look is under way, however
	// long the driver keeps it.
	looking chan struct{}
	// since is when the look under way began, in nanoseconds since 1970.
	since atomic.Int64
	// doing is what the driver was asked last, for the day it does not answer.
	doing atomic.Pointer[string]

	// calls is held for reading by whoever calls the driver, and for writing by
	// who unloads it.
	calls sync.RWMutex
	// loaded belongs to calls.
	loaded *driver
	known  atomic.Pointer[known]
}

// known is what is remembered of the devices even when they are gone.
type known struct {
	version string
	// uuids by address.
	uuids map[string]string
}

// Open returns a library that is loaded on the first look: a driver that is
// installed later is found later.
func Open(api nvml.Interface, options Options) *Library {
	if options.Limit == 0 {
		options.Limit = 10 * time.Second
	}
	if options.Retry == 0 {
		options.Retry = time.Second
	}
	if options.Listen == 0 {
		options.Listen = 2 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	l := &Library{api: api, options: options, looking: make(chan struct{}, 1)}
	l.looking <- struct{}{}
	l.known.Store(&known{})
	return l
}

// Host returns the library of this host.
func Host(options Options) *Library {
	var choices []nvml.LibraryOption
	if options.Path != "" {
		choices = append(choices, nvml.WithLibraryPath(options.Path))
	}
	return Open(nvml.New(choices...), options)
}

// Devices reads all devices once, by index. Its error wraps
// [observe.ErrNoDriver], [observe.ErrMismatch] or [observe.ErrHung] where that
// is the cause; a look that hangs goes on behind it, and until it ends each
// further one returns ErrHung at once.
func (l *Library) Devices(ctx context.Context) ([]observe.Device, error) {
	select {
	case <-l.looking:
	default:
		return nil, l.hung()
	}
	type answer struct {
		devices []observe.Device
		err     error
	}
	answers := make(chan answer, 1)
	l.since.Store(l.options.Now().UnixNano())
	limit := l.options.Limit
	if l.DriverVersion() == "" {
		limit *= 3
	}
	go func() {
		devices, err := l.look()
		l.looking <- struct{}{}
		answers <- answer{devices, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.devices, a.err
	case <-timer.C:
		return nil, l.hung()
	case <-ctx.Done():
		return nil, fmt.Errorf("reading the GPUs: %w", ctx.Err())
	}
}

func (l *Library) hung() error {
	waited := l.options.Now().Sub(time.Unix(0, l.since.Load())).Round(time.Second)
	doing := "loading the driver's library"
	if last := l.doing.Load(); last != nil {
		doing = *last
	}
	return fmt.Errorf("%s for %s: %w", doing, waited, observe.ErrHung)
}

// DriverVersion such as 570.86.15; empty before the first look that found one.
func (l *Library) DriverVersion() string { return l.known.Load().version }

// UUID of the device at a PCI address in any form; empty where no device has
// been seen there. It never asks the driver, so it knows lost devices too.
func (l *Library) UUID(address string) string { return l.known.Load().uuids[pci.Address(address)] }

// Close unloads the library, unless the driver hangs.
func (l *Library) Close() {
	if l.calls.TryLock() {
		defer l.calls.Unlock()
		l.unload()
	}
}
