package checks

import (
	"fmt"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// GPULost finds a device that the driver no longer reaches or could not start.
type GPULost struct{}

// Doc implements [Check].
func (*GPULost) Doc() Doc {
	return Doc{
		Name: "gpu_lost", Finds: "a GPU that the driver no longer reaches, or could not start",
		When: "at once when the kernel log says so, at the second look in a row when NVML does; it stays until the next boot",
		Reasons: []Reason{
			{"GPU_LOST", finding.Impaired, finding.Replace, "The GPU has fallen off the bus."},
			{"GPU_INIT_FAILED", finding.Impaired, finding.Replace, "The driver could not start the GPU."},
		},
		Why:    "Whatever is on the GPU has failed and nothing new can begin. Some come back for a while; none can be trusted before a boot.",
		Source: "https://docs.nvidia.com/deploy/xid-errors/, Xid 79, 2026-11-24",
	}
}

// Look implements [Check].
func (c *GPULost) Look(host observe.Host) (found []finding.Finding) {
	if host.DevicesErr != nil {
		return nil
	}
	for _, device := range host.Devices {
		if device.Lost {
			f := on(c.Doc().reason("GPU_LOST"), device, "NVML says that GPU %d at %s is lost", device.Index, device.PCI)
			f.Sticky, f.Hold, f.Clear = true, 3*time.Second, 10*time.Second
			found = append(found, f)
		}
	}
	return found
}

// Event implements [Check].
func (c *GPULost) Event(event observe.Event, host observe.Host) []finding.Finding {
	reason := "GPU_LOST"
	switch event.Kind {
	case observe.EventOffBus:
	case observe.EventInitFailed:
		reason = "GPU_INIT_FAILED"
	default:
		return nil
	}
	device, _ := locate(event, host)
	f := on(c.Doc().reason(reason), device, "%s", evidence(event))
	f.Sticky = true
	return []finding.Finding{f}
}

// evidence of an event is its own text, or else what it is.
func evidence(event observe.Event) string {
	if event.Detail != "" {
		return event.Detail
	}
	return fmt.Sprintf("%s %d told by %s", event.Kind, event.Code, event.Source)
}
