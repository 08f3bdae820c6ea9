//go:build cgo && linux

package nvml

import (
	"fmt"
	"maps"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
)

// driver is what stays the same while the library is loaded.
type driver struct {
	api     nvml.Interface
	devices []*device
	can     capabilities
	note    func(doing string)
	// opened are the devices by their first handle, which is the one that events
	// name. It does not change.
	opened map[nvml.Device]observe.Device
}

// capabilities are functions that older drivers lack. One that is called all the
// same ends the process: the dynamic linker finds no symbol to bind.
type capabilities struct {
	eventReasons, memoryReserved, fabric bool
}

// mostDevices that are believed; a p5.48xlarge has 8.
const mostDevices = 128

// look reads all devices. A driver that has left, or has other devices than
// before, is loaded again in the same look.
func (l *Library) look() (devices []observe.Device, err error) {
	for range 2 {
		var again bool
		if devices, again, err = l.lookOnce(); !again {
			break
		}
		l.calls.Lock()
		l.unload()
		l.calls.Unlock()
	}
	return devices, err
}

func (l *Library) lookOnce() (devices []observe.Device, again bool, err error) {
	l.calls.RLock()
	loaded := l.loaded
	l.calls.RUnlock()
	if loaded == nil {
		if loaded, err = l.load(); err != nil {
			return nil, false, err
		}
	}
	l.calls.RLock()
	defer l.calls.RUnlock()
	devices, again, err = loaded.read()
	return devices, again, err
}

// load initialises the library.
func (l *Library) load() (loaded *driver, err error) {
	l.calls.Lock()
	defer l.calls.Unlock()
	defer recovered("loading libnvidia-ml.so.1", &err)
	l.note("loading libnvidia-ml.so.1")
	if code := l.api.Init(); code != nvml.SUCCESS {
		return nil, failure("loading libnvidia-ml.so.1", code)
	}
	loaded = &driver{api: l.api, note: l.note}
	has := func(symbol string) bool { return l.api.Extensions().LookupSymbol(symbol) == nil }
	loaded.can = capabilities{
		// From R535, R510 and R535 on.
		eventReasons:   has("nvmlDeviceGetCurrentClocksEventReasons"),
		memoryReserved: has("nvmlDeviceGetMemoryInfo_v2"),
		fabric:         has("nvmlDeviceGetGpuFabricInfoV"),
	}
	version, code := l.api.SystemGetDriverVersion()
	if code != nvml.SUCCESS {
		_ = l.api.Shutdown()
		return nil, failure("asking for the driver's version", code)
	}
	if err := loaded.open(); err != nil {
		_ = l.api.Shutdown()
		return nil, err
	}
	l.loaded = loaded
	l.remember(clean(version))
	return loaded, nil
}

// unload belongs to who holds calls for writing.
func (l *Library) unload() {
	if l.loaded != nil {
		l.loaded = nil
		_ = l.api.Shutdown()
	}
}

// remember keeps the names of devices past their loss.
func (l *Library) remember(version string) {
	before := l.known.Load()
	now := &known{version: version, uuids: maps.Clone(before.uuids)}
	if now.uuids == nil {
		now.uuids = map[string]string{}
	}
	for _, d := range l.loaded.devices {
		if address := pci.Address(d.fixed.PCI); address != "" && d.fixed.UUID != "" {
			now.uuids[address] = d.fixed.UUID
		}
	}
	l.known.Store(now)
}

func (l *Library) note(doing string) { l.doing.Store(&doing) }

// open finds all devices and what does not change about them.
func (d *driver) open() error {
	d.note("counting the GPUs")
	count, code := d.api.DeviceGetCount()
	if code != nvml.SUCCESS {
		return failure("counting the GPUs", code)
	}
	if count < 0 || count > mostDevices {
		return fmt.Errorf("counting the GPUs: the driver says %d", count)
	}
	d.opened = map[nvml.Device]observe.Device{}
	for index := range count {
		each := &device{index: index, reading: fmt.Sprintf("reading GPU %d", index)}
		d.openDevice(each)
		d.devices = append(d.devices, each)
		if each.handle != nil {
			d.opened[each.handle] = each.fixed
		}
	}
	return nil
}

// read takes all readings, or says that the library has to be loaded again.
func (d *driver) read() (devices []observe.Device, again bool, err error) {
	// A driver that answers nonsense must not end the agent.
	defer recovered("reading the GPUs", &err)
	d.note("counting the GPUs")
	count, code := d.api.DeviceGetCount()
	if code != nvml.SUCCESS {
		return nil, true, failure("counting the GPUs", code)
	}
	if count != len(d.devices) {
		return nil, true, fmt.Errorf("counting the GPUs: %d before and %d now", len(d.devices), count)
	}
	devices = make([]observe.Device, 0, count)
	for _, each := range d.devices {
		d.note(each.reading)
		devices = append(devices, d.readDevice(each))
	}
	return devices, false, nil
}

// failure says what the driver answered, with the error that checks know.
func failure(doing string, code nvml.Return) error {
	reason := error(code)
	switch code {
	case nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED:
		reason = observe.ErrNoDriver
	case nvml.ERROR_LIB_RM_VERSION_MISMATCH:
		reason = observe.ErrMismatch
	case nvml.ERROR_TIMEOUT:
		reason = observe.ErrHung
	}
	return fmt.Errorf("%s: %s: %w", doing, nvml.ErrorString(code), reason)
}

// recovered turns a panic inside the bindings, which trust the driver's counts,
// into an error.
func recovered(doing string, err *error) {
	if refused := recover(); refused != nil {
		*err = fmt.Errorf("%s: the driver's answer makes no sense: %v", doing, refused)
	}
}
