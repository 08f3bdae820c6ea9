package checks

import (
	"strings"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Fabric finds a GPU that is not part of its NVSwitch fabric, or of a sick one.
type Fabric struct{ noEvents }

// Doc implements [Check].
func (*Fabric) Doc() Doc {
	return Doc{
		Name: "fabric", Finds: "a GPU that could not join its NVSwitch fabric, or whose fabric is not well (P4, P5 and later)",
		When: "not joined for 5 minutes, failed or unhealthy for a minute; gone after a minute in order. A note on hosts with one GPU, which has nobody to talk to",
		Reasons: []Reason{
			{"FABRIC_FAILED", finding.Impaired, finding.Reboot, "The GPU could not join its fabric."},
			{"FABRIC_NOT_READY", finding.Impaired, finding.Reboot, "The GPU has not joined its fabric in time; is the fabric manager running?"},
			{"FABRIC_UNHEALTHY", finding.Impaired, finding.ResetGPU, "The fabric works with less than it has."},
		},
		Why:    "Without its fabric CUDA does not even start on such a GPU.",
		Source: "nvml.h, nvmlGpuFabricInfoV; https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Fabric) Look(host observe.Host) (found []finding.Finding) {
	for _, device := range readable(host) {
		fabric := device.Fabric
		if fabric == nil {
			continue
		}
		var f finding.Finding
		switch {
		case fabric.State == "completed" && fabric.Err != "":
			f = on(c.Doc().reason("FABRIC_FAILED"), device, "registration ended with %s", fabric.Err)
			f.Hold = time.Minute
		case fabric.State == "not_started" || fabric.State == "in_progress":
			f = on(c.Doc().reason("FABRIC_NOT_READY"), device, "registration is %s", fabric.State)
			f.Hold = 5 * time.Minute
		case len(fabric.Unhealthy) > 0:
			f = on(c.Doc().reason("FABRIC_UNHEALTHY"), device, "%s", strings.Join(fabric.Unhealthy, ", "))
			f.Hold = time.Minute
		default:
			continue
		}
		if f.Clear = time.Minute; len(host.Devices) < 2 && host.ExpectedDevices < 2 {
			f = leave(f)
		}
		found = append(found, f)
	}
	return found
}
