//go:build cgo && linux

package nvml

import (
	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// device is one GPU and what does not change about it.
type device struct {
	index   int
	reading string
	// handle is nil while the device cannot be opened; refused says why.
	handle  nvml.Device
	refused nvml.Return
	// fixed are the names; they stay known when the device is lost.
	fixed                   observe.Device
	maxGeneration, maxWidth int
	links                   linkFacts
	hasFabric               bool
}

// openDevice finds the handle and reads what does not change.
func (d *driver) openDevice(each *device) {
	each.fixed.Index = each.index
	each.handle = nil
	handle, code := d.api.DeviceGetHandleByIndex(each.index)
	each.refused = code
	if code != nvml.SUCCESS {
		return
	}
	if uuid, code := handle.GetUUID(); code == nvml.SUCCESS {
		each.fixed.UUID = clean(uuid)
	} else if code == nvml.ERROR_GPU_IS_LOST {
		each.refused = code
		return
	}
	if name, code := handle.GetName(); code == nvml.SUCCESS {
		each.fixed.Name = clean(name)
	}
	if address, code := handle.GetPciInfo(); code == nvml.SUCCESS {
		each.fixed.PCI = clean(text(address.BusId[:]))
	}
	if generation, code := handle.GetMaxPcieLinkGeneration(); code == nvml.SUCCESS {
		each.maxGeneration = generation
	}
	if width, code := handle.GetMaxPcieLinkWidth(); code == nvml.SUCCESS {
		each.maxWidth = width
	}
	each.links = findLinks(handle)
	each.hasFabric = d.can.fabric
	each.handle = handle
}

// text is a C string of either sign of char.
func text[T int8 | uint8](raw []T) string {
	var out []byte
	for _, c := range raw {
		if c == 0 {
			break
		}
		out = append(out, byte(c))
	}
	return string(out)
}

// round is one device's readings as they come in.
type round struct {
	observe.Device
	taken   int
	failure nvml.Return
}

// ok says whether an answer is to be used, and remembers what else it tells.
func (r *round) ok(code nvml.Return) bool {
	switch code {
	case nvml.SUCCESS:
		r.taken++
		return true
	case nvml.ERROR_GPU_IS_LOST:
		r.Lost = true
	case nvml.ERROR_NOT_SUPPORTED, nvml.ERROR_FUNCTION_NOT_FOUND, nvml.ERROR_NOT_FOUND, nvml.ERROR_NO_DATA,
		nvml.ERROR_INVALID_ARGUMENT, nvml.ERROR_ARGUMENT_VERSION_MISMATCH, nvml.ERROR_DEPRECATED, nvml.ERROR_NO_PERMISSION:
		// The device, the driver or the container does not offer it.
	default:
		if r.failure == nvml.SUCCESS {
			r.failure = code
		}
	}
	return false
}

// readDevice takes one device's readings. Each call costs a few microseconds
// when the device is well, and is spared once it is known to be lost.
func (d *driver) readDevice(each *device) observe.Device {
	if each.handle == nil {
		d.openDevice(each)
	}
	r := &round{Device: each.fixed}
	if each.handle == nil {
		r.ok(each.refused)
	} else {
		for _, take := range []func(*round, *device){takeSensors, d.takeMemory, d.takeClocks, takeFields, takePCIe, takeLinks, takeFabric, takeProcesses} {
			if take(r, each); r.Lost {
				break
			}
		}
	}
	switch {
	case r.Lost:
		// It is asked for anew: a reset brings it back with another handle.
		each.handle = nil
		lost := each.fixed
		lost.Lost = true
		return lost
	case r.failure != nvml.SUCCESS && (r.taken == 0 || r.failure == nvml.ERROR_RESET_REQUIRED):
		r.Err = failure(each.reading, r.failure)
	}
	return r.Device
}

func takeSensors(r *round, each *device) {
	if celsius, code := each.handle.GetTemperature(nvml.TEMPERATURE_GPU); r.ok(code) {
		r.Temperature = within(float64(celsius), 0, hottest)
	}
	if use, code := each.handle.GetUtilizationRates(); r.ok(code) {
		r.Utilisation = within(float64(use.Gpu), 0, 100)
		r.MemoryUtilisation = within(float64(use.Memory), 0, 100)
	}
	if milliwatts, code := each.handle.GetPowerUsage(); r.ok(code) {
		r.Power = within(float64(milliwatts)/1000, 0, strongest)
	}
	if milliwatts, code := each.handle.GetEnforcedPowerLimit(); r.ok(code) {
		r.PowerLimit = within(float64(milliwatts)/1000, 1, strongest)
	}
}

func (d *driver) takeMemory(r *round, each *device) {
	if d.can.memoryReserved {
		if memory, code := each.handle.GetMemoryInfo_v2(); r.ok(code) {
			r.MemoryUsed, r.MemoryFree = split(memory.Total, memory.Used, memory.Free)
			if r.MemoryUsed != nil && memory.Reserved <= memory.Total {
				r.MemoryReserved = &memory.Reserved
			}
			return
		}
	}
	if memory, code := each.handle.GetMemoryInfo(); r.ok(code) {
		r.MemoryUsed, r.MemoryFree = split(memory.Total, memory.Used, memory.Free)
	}
}

func (d *driver) takeClocks(r *round, each *device) {
	if mhz, code := each.handle.GetClockInfo(nvml.CLOCK_SM); r.ok(code) {
		r.SMClock = within(float64(mhz), 0, fastest)
	}
	if mhz, code := each.handle.GetClockInfo(nvml.CLOCK_MEM); r.ok(code) {
		r.MemoryClock = within(float64(mhz), 0, fastest)
	}
	ask := each.handle.GetCurrentClocksThrottleReasons
	if d.can.eventReasons {
		ask = each.handle.GetCurrentClocksEventReasons
	}
	if reasons, code := ask(); r.ok(code) {
		r.ThrottleReasons = mask(reasons)
	}
}

func takePCIe(r *round, each *device) {
	generation, code := each.handle.GetCurrPcieLinkGeneration()
	if !r.ok(code) {
		return
	}
	width, code := each.handle.GetCurrPcieLinkWidth()
	if !r.ok(code) {
		return
	}
	r.PCIe = link(generation, each.maxGeneration, width, each.maxWidth)
}

// mostProcesses that are kept of one device.
const mostProcesses = 1024

func takeProcesses(r *round, each *device) {
	processes, code := each.handle.GetComputeRunningProcesses()
	if !r.ok(code) {
		return
	}
	for _, process := range processes[:min(len(processes), mostProcesses)] {
		r.Processes = append(r.Processes, int(process.Pid))
	}
}
