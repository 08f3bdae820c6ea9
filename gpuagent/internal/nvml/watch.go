//go:build cgo && linux

package nvml

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// errNoEvents says that no device tells its events; the kernel log still does.
var errNoEvents = errors.New("no device of this driver tells its events")

// Watch hears Xid errors until the context ends, from the first successful look
// on. It outlives devices that get lost and drivers that leave and come back. It
// occupies one thread.
func (l *Library) Watch(ctx context.Context, tell observe.Events) error {
	for {
		if err := l.listen(ctx, tell); ctx.Err() != nil {
			return nil
		} else if errors.Is(err, errNoEvents) {
			// Only another driver would change that.
			pause(ctx, time.Minute)
		}
		if !pause(ctx, l.options.Retry) {
			return nil
		}
	}
}

// pause waits; false if the context ends first.
func pause(ctx context.Context, how time.Duration) bool {
	timer := time.NewTimer(how)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// listen serves one event set until something is wrong with it.
func (l *Library) listen(ctx context.Context, tell observe.Events) (err error) {
	defer recovered("hearing the GPUs' events", &err)
	var set nvml.EventSet
	var of *driver
	defer func() {
		l.calls.RLock()
		defer l.calls.RUnlock()
		if set != nil && l.loaded == of {
			_ = set.Free()
		}
	}()
	for ctx.Err() == nil {
		if event, heard, err := l.hear(&set, &of); err != nil {
			return err
		} else if heard {
			tell(event)
		}
	}
	return nil
}

// hear waits once for an event. The library stays loaded meanwhile.
func (l *Library) hear(set *nvml.EventSet, of **driver) (event observe.Event, heard bool, err error) {
	l.calls.RLock()
	defer l.calls.RUnlock()
	switch {
	case l.loaded == nil:
		return event, false, observe.ErrNoDriver
	case *set == nil:
		if *set, err = l.loaded.subscribe(); err != nil {
			return event, false, err
		}
		*of = l.loaded
	case *of != l.loaded:
		*set = nil
		return event, false, nil
	}
	data, code := (*set).Wait(uint32(l.options.Listen.Milliseconds()))
	switch code {
	case nvml.SUCCESS:
		event, heard = l.translate(data)
		return event, heard, nil
	case nvml.ERROR_TIMEOUT:
		return event, false, nil
	default:
		// Also a lost device, after which the set may answer so for ever.
		return event, false, failure("waiting for the GPUs' events", code)
	}
}

// subscribe asks for the Xid errors of all devices that tell them.
func (d *driver) subscribe() (nvml.EventSet, error) {
	set, code := d.api.EventSetCreate()
	if code != nvml.SUCCESS {
		return nil, failure("making an event set", code)
	}
	told := 0
	for handle := range d.opened {
		if handle.RegisterEvents(nvml.EventTypeXidCriticalError, set) == nvml.SUCCESS {
			told++
		}
	}
	if told == 0 {
		_ = set.Free()
		return nil, errNoEvents
	}
	return set, nil
}

// translate needs the device's name but not the device, which may be lost by now.
func (l *Library) translate(data nvml.EventData) (observe.Event, bool) {
	if data.EventType != nvml.EventTypeXidCriticalError || data.EventData > 1<<16 {
		return observe.Event{}, false
	}
	event := observe.Event{Kind: observe.EventXid, Source: "nvml", At: l.options.Now(), Code: int(data.EventData)}
	device := l.loaded.opened[data.Device]
	event.UUID, event.PCI = device.UUID, device.PCI
	event.Detail = fmt.Sprintf("Xid %d told by the driver's library", event.Code)
	return event, true
}
