package metrics

import (
	"strconv"

	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
)

// labels are dcgm-exporter's, in its spelling and order.
var labels = []string{"gpu", "UUID", "pci_bus_id", "device", "modelName", "Hostname", "DCGM_FI_DRIVER_VERSION"}

// reading is one metric of a device; its value is nil where there is none.
type reading struct {
	family
	value func(observe.Device) *float64
}

func gauge(name, help string, value func(observe.Device) *float64) reading {
	return reading{family{name, kindGauge, help}, value}
}

func counter(name, help string, value func(observe.Device) *float64) reading {
	return reading{family{name, kindCounter, help}, value}
}

const mebibyte = 1 << 20

// readings of a device, in dcgm-exporter's names and units.
func readings() []reading {
	all := []reading{
		gauge("DCGM_FI_DEV_SM_CLOCK", "SM clock frequency (in MHz).", func(d observe.Device) *float64 { return d.SMClock }),
		gauge("DCGM_FI_DEV_MEM_CLOCK", "Memory clock frequency (in MHz).", func(d observe.Device) *float64 { return d.MemoryClock }),
		gauge("DCGM_FI_DEV_MEMORY_TEMP", "Memory temperature (in C).", func(d observe.Device) *float64 { return d.MemoryTemperature }),
		gauge("DCGM_FI_DEV_GPU_TEMP", "GPU temperature (in C).", func(d observe.Device) *float64 { return d.Temperature }),
		gauge("DCGM_FI_DEV_POWER_USAGE", "Power draw (in W).", func(d observe.Device) *float64 { return d.Power }),
		gauge("DCGM_FI_DEV_POWER_MGMT_LIMIT", "Power limit that is enforced (in W).", func(d observe.Device) *float64 { return d.PowerLimit }),
		counter("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "Total energy consumption since boot (in mJ).", func(d observe.Device) *float64 { return times(d.Energy, 1000) }),
		gauge("DCGM_FI_DEV_GPU_UTIL", "GPU utilization (in %).", func(d observe.Device) *float64 { return d.Utilisation }),
		gauge("DCGM_FI_DEV_MEM_COPY_UTIL", "Memory utilization (in %).", func(d observe.Device) *float64 { return d.MemoryUtilisation }),
		gauge("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "Ratio of time the graphics engine is active; here NVML's utilization as a ratio, since profiling would cost the workload.",
			func(d observe.Device) *float64 { return times(d.Utilisation, 0.01) }),
		gauge("DCGM_FI_DEV_FB_USED", "Framebuffer memory used (in MiB).", func(d observe.Device) *float64 { return whole(d.MemoryUsed, mebibyte) }),
		gauge("DCGM_FI_DEV_FB_FREE", "Framebuffer memory free (in MiB).", func(d observe.Device) *float64 { return whole(d.MemoryFree, mebibyte) }),
		gauge("DCGM_FI_DEV_FB_RESERVED", "Framebuffer memory reserved (in MiB).", func(d observe.Device) *float64 { return whole(d.MemoryReserved, mebibyte) }),
		gauge("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", "Bit mask of the reasons for which clocks are held down.", func(d observe.Device) *float64 { return whole(d.ThrottleReasons, 1) }),
		counter("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "Total number of PCIe retries.", func(d observe.Device) *float64 { return whole(d.PCIeReplays, 1) }),
	}
	return append(all, faults()...)
}

func times(value *float64, factor float64) *float64 {
	if value == nil {
		return nil
	}
	product := *value * factor
	return &product
}

func whole(value *uint64, unit float64) *float64 {
	if value == nil {
		return nil
	}
	count := float64(*value) / unit
	return &count
}

// names are the values of the labels. Two devices never have the same: their
// indexes differ.
func names(d observe.Device, hostname, driver string) []string {
	index := strconv.Itoa(d.Index)
	return []string{index, d.UUID, busID(d.PCI), "nvidia" + index, d.Name, hostname, driver}
}

// busID has eight digits of the domain, as dcgm-exporter writes it.
func busID(address string) string {
	normal := pci.Address(address)
	if normal == "" {
		return address
	}
	for len(normal) < len("00000000:00:00.0") {
		normal = "0" + normal
	}
	return normal
}
