package checks

import (
	"fmt"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// DeviceCount finds a host with fewer GPUs than it should have.
type DeviceCount struct {
	noEvents
	most int
}

// Doc implements [Check].
func (*DeviceCount) Doc() Doc {
	return Doc{
		Name: "device_count", Finds: "fewer GPUs than the instance type has, or than this agent has seen",
		When: "for 30 s; gone when they are all back for a minute",
		Reasons: []Reason{
			{"NO_GPU", finding.Impaired, finding.Replace, "The driver works and finds no GPU."},
			{"GPU_COUNT", finding.Impaired, finding.Replace, "The driver finds fewer GPUs than there should be."},
		},
		Why:    "A GPU that failed at boot is in no list, so nothing else finds it; ECS goes on placing tasks by the count at registration.",
		Source: "https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html, 2026-11-24",
	}
}

// Look implements [Check].
func (c *DeviceCount) Look(host observe.Host) []finding.Finding {
	if host.DevicesErr != nil {
		return nil
	}
	c.most = max(c.most, len(host.Devices))
	wanted, from := host.ExpectedDevices, "a "+host.InstanceType+" has"
	if wanted == 0 {
		wanted, from = c.most, "there were"
	}
	found := len(host.Devices)
	f := c.Doc().reason("GPU_COUNT")
	switch {
	case found == 0:
		f = c.Doc().reason("NO_GPU")
		f.Evidence = "the driver finds no GPU"
	case found < wanted:
		f.Evidence = fmt.Sprintf("the driver finds %d GPUs, %s %d", found, from, wanted)
	default:
		return nil
	}
	f.Hold, f.Clear = 30*time.Second, time.Minute
	return []finding.Finding{f}
}
