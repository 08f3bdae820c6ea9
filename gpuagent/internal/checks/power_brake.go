package checks

import (
	"fmt"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// PowerBrake finds a GPU that the host's power supply holds down.
type PowerBrake struct {
	noEvents
	braked each
}

// Doc implements [Check].
func (*PowerBrake) Doc() Doc {
	return Doc{
		Name: "power_brake", Finds: "a GPU that the host's power supply slows down",
		When: "for 6 of the last 10 minutes; gone when it was so for fewer than 3 of them",
		Reasons: []Reason{
			{"POWER_BRAKE", finding.Impaired, finding.Replace, "The host's power supply asks the GPU to slow down."},
		},
		Why:    "It is the host that is sick, and a cloud has others.",
		Source: "nvml.h, nvmlClocksEventReasonHwPowerBrakeSlowdown, 2026-11-24",
	}
}

// Look implements [Check].
func (c *PowerBrake) Look(host observe.Host) (found []finding.Finding) {
	if c.braked == nil {
		c.braked = each{}
	}
	for _, device := range readable(host) {
		if device.ThrottleReasons == nil {
			continue
		}
		if c.braked.of(name(device)).add(host.At, *device.ThrottleReasons&observe.ThrottleHWPowerBrake != 0) {
			found = append(found, on(c.Doc().reason("POWER_BRAKE"), device, "braked by the power supply in most of the last 10 minutes, now %s", watts(device)))
		}
	}
	return found
}

func watts(device observe.Device) string {
	if device.Power == nil {
		return "at an unknown power"
	}
	return fmt.Sprintf("at %.0f W", *device.Power)
}

func celsius(device observe.Device) string {
	if device.Temperature == nil {
		return "at an unknown temperature"
	}
	return fmt.Sprintf("at %.0f °C", *device.Temperature)
}
