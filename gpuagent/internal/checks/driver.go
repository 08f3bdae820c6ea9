package checks

import (
	"errors"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Driver finds a driver that cannot be asked.
type Driver struct{ noEvents }

// Doc implements [Check].
func (*Driver) Doc() Doc {
	return Doc{
		Name: "driver", Finds: "a driver or library that is missing or of two versions, and readings that fail",
		When: "at once, two versions after a minute; gone with the next look that succeeds",
		Reasons: []Reason{
			{"DRIVER_MISSING", finding.Unknown, finding.None, "There is no driver, or its library is not mounted into the agent."},
			{"DRIVER_MISMATCH", finding.Impaired, finding.Reboot, "The driver was updated without a reboot; no program can start on the GPU."},
			{"MONITOR_FAILED", finding.Unknown, finding.None, "The driver cannot be asked; the agent does not know why."},
			{"GPU_UNREADABLE", finding.Unknown, finding.None, "One GPU cannot be read."},
		},
		Why:    "A monitor that is broken must not take hosts down: it only says that it knows too little.",
		Source: "nvml.h, nvmlReturn_t, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Driver) Look(host observe.Host) (found []finding.Finding) {
	add := func(reason string, err error) {
		f := c.Doc().reason(reason)
		f.Evidence = err.Error()
		if reason == "DRIVER_MISMATCH" {
			f.Hold = time.Minute
		}
		found = append(found, f)
	}
	switch err := host.DevicesErr; {
	case err == nil, errors.Is(err, observe.ErrHung):
	case errors.Is(err, observe.ErrNoDriver):
		add("DRIVER_MISSING", err)
	case errors.Is(err, observe.ErrMismatch):
		add("DRIVER_MISMATCH", err)
	default:
		add("MONITOR_FAILED", err)
	}
	if host.DevicesErr != nil {
		return found
	}
	for _, device := range host.Devices {
		if device.Err != nil && !device.Lost {
			found = append(found, on(c.Doc().reason("GPU_UNREADABLE"), device, "%s", device.Err))
		}
	}
	return found
}
