package checks

import (
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Slowdown finds a GPU that is held down by heat or by its own protection.
type Slowdown struct {
	noEvents
	hot, slow each
}

// Doc implements [Check].
func (*Slowdown) Doc() Doc {
	return Doc{
		Name: "slowdown", Finds: "a GPU that runs slowly since it is too hot or protects itself",
		When: "for 6 of the last 10 minutes; gone when it was so for fewer than 3 of them",
		Reasons: []Reason{
			{"THERMAL_SLOWDOWN", finding.Impaired, finding.Replace, "The GPU is too hot, and slowed down for it."},
			{"HW_SLOWDOWN", finding.Impaired, finding.Replace, "The GPU's own protection halves its clocks or worse."},
		},
		Why:    "The work takes several times as long, and with several GPUs all wait for this one. Short spells are normal under load.",
		Source: "nvml.h, nvmlClocksEventReasons; https://docs.nvidia.com/deploy/nvml-api/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Slowdown) Look(host observe.Host) (found []finding.Finding) {
	if c.hot == nil {
		c.hot, c.slow = each{}, each{}
	}
	for _, device := range readable(host) {
		if device.ThrottleReasons == nil {
			continue
		}
		mask := *device.ThrottleReasons
		hot := mask&(observe.ThrottleHWThermal|observe.ThrottleSWThermal) != 0
		// The general bit comes with both of the others, which have reasons of their own.
		slow := mask&observe.ThrottleHWSlowdown != 0 && mask&(observe.ThrottleHWThermal|observe.ThrottleHWPowerBrake) == 0
		if c.hot.of(name(device)).add(host.At, hot) {
			found = append(found, on(c.Doc().reason("THERMAL_SLOWDOWN"), device, "slowed down by heat in most of the last 10 minutes, now %s", celsius(device)))
		}
		if c.slow.of(name(device)).add(host.At, slow) {
			found = append(found, on(c.Doc().reason("HW_SLOWDOWN"), device, "slowed down by its own protection in most of the last 10 minutes, reasons %#x", mask))
		}
	}
	return found
}
