package checks

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// PCIe finds a link between host and GPU that runs below what both can.
type PCIe struct {
	noEvents
	best map[string]observe.PCIeLink
}

// loaded is the utilisation in percent from which on a link runs at full speed;
// an idle one saves power.
const loaded = 10

// Doc implements [Check].
func (*PCIe) Doc() Doc {
	return Doc{
		Name: "pcie_link", Finds: "a link between host and GPU that is narrower or slower than device and slot can, under load (10 % and more)",
		When: "for 5 minutes of load; gone after a minute of load at full speed. A note where it has never been better, as some hosts are built so",
		Reasons: []Reason{
			{"PCIE_LINK_DEGRADED", finding.Impaired, finding.Replace, "The link has lost lanes or speed since the agent began to watch."},
			{"PCIE_LINK_BELOW_MAXIMUM", finding.Note, finding.None, "The link has run below its maximum for as long as the agent watches."},
		},
		Why:    "A link that trains down loses packets, and is often the first sign of a GPU that will fall off the bus.",
		Source: "https://docs.nvidia.com/deploy/gpu-debug-guidelines/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *PCIe) Look(host observe.Host) (found []finding.Finding) {
	if c.best == nil {
		c.best = map[string]observe.PCIeLink{}
	}
	for _, device := range readable(host) {
		link := device.PCIe
		if link == nil || device.Utilisation == nil || *device.Utilisation < loaded || link.MaxWidth == 0 || link.MaxGeneration == 0 {
			continue
		}
		best, known := c.best[name(device)]
		best = observe.PCIeLink{Generation: max(best.Generation, link.Generation), Width: max(best.Width, link.Width)}
		c.best[name(device)] = best
		reason := ""
		switch {
		case known && (link.Width < best.Width || link.Generation < best.Generation):
			reason = "PCIE_LINK_DEGRADED"
		case link.Width < link.MaxWidth || link.Generation < link.MaxGeneration:
			reason = "PCIE_LINK_BELOW_MAXIMUM"
		default:
			continue
		}
		f := on(c.Doc().reason(reason), device, "generation %d of %d, %d lanes of %d, at %.0f %% load",
			link.Generation, link.MaxGeneration, link.Width, link.MaxWidth, *device.Utilisation)
		f.Hold, f.Clear = 5*time.Minute, time.Minute
		found = append(found, f)
	}
	return found
}
