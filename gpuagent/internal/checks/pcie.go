package checks

import (
	"fmt"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// PCIe finds a link between host and GPU that runs below what both can.
type PCIe struct {
	noEvents
	links map[string]*pcieLink
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
	if c.links == nil {
		c.links = map[string]*pcieLink{}
	}
	for _, device := range readable(host) {
		link := c.links[name(device)]
		if link == nil {
			link = &pcieLink{}
			c.links[name(device)] = link
		}
		if device.PCIe != nil && device.Utilisation != nil && *device.Utilisation >= loaded {
			link.add(host.At, device)
		}
		link.last = host.At
		// An idle link says nothing, so that what was found under load holds.
		if reason := link.reason(); reason != "" {
			found = append(found, on(c.Doc().reason(reason), device, "%s", link.evidence))
		}
	}
	return found
}

// pcieLink is what is remembered of one device's link under load.
type pcieLink struct {
	generation, width int
	last              time.Time
	bad, good         time.Duration
	degraded, below   bool
	evidence          string
}

const (
	badFor  = 5 * time.Minute
	goodFor = time.Minute
)

func (l *pcieLink) add(at time.Time, device observe.Device) {
	link := device.PCIe
	gap := time.Duration(0)
	if !l.last.IsZero() {
		gap = min(max(at.Sub(l.last), 0), longGap)
	}
	l.generation, l.width = max(l.generation, link.Generation), max(l.width, link.Width)
	l.below = l.generation < link.MaxGeneration || l.width < link.MaxWidth
	if link.Generation < l.generation || link.Width < l.width {
		l.bad, l.good = l.bad+gap, 0
		l.degraded = l.degraded || l.bad >= badFor
	} else {
		l.bad, l.good = 0, l.good+gap
		l.degraded = l.degraded && l.good < goodFor
	}
	if !l.degraded || l.good == 0 {
		l.evidence = fmt.Sprintf("generation %d of %d, %d lanes of %d, at %.0f %% load",
			link.Generation, link.MaxGeneration, link.Width, link.MaxWidth, *device.Utilisation)
	}
}

func (l *pcieLink) reason() string {
	switch {
	case l.degraded:
		return "PCIE_LINK_DEGRADED"
	case l.below:
		return "PCIE_LINK_BELOW_MAXIMUM"
	default:
		return ""
	}
}
