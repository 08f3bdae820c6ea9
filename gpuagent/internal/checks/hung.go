package checks

import (
	"errors"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Hung finds a driver that does not answer.
type Hung struct {
	noEvents
	since time.Time
}

// hungFor is how long a driver may keep a call before its host counts as sick.
const hungFor = 2 * time.Minute

// Doc implements [Check].
func (*Hung) Doc() Doc {
	return Doc{
		Name: "driver_hung", Finds: "a call to the driver that does not come back",
		When: "too little is known at once, the host is sick after 2 minutes; gone with a minute of answers",
		Reasons: []Reason{
			{"DRIVER_SLOW", finding.Unknown, finding.None, "A call to the driver has not come back in time."},
			{"DRIVER_HUNG", finding.Impaired, finding.Reboot, "The driver has not answered for minutes; nor does it answer programs."},
		},
		Why:    "A driver hangs when its GPU's own processor has died (Xid 119), often without a line in the log. Agents that wait for it die with it.",
		Source: "https://docs.nvidia.com/deploy/xid-errors/, Xid 119, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Hung) Look(host observe.Host) []finding.Finding {
	if !errors.Is(host.DevicesErr, observe.ErrHung) {
		c.since = time.Time{}
		return nil
	}
	if c.since.IsZero() {
		c.since = host.At
	}
	f := c.Doc().reason("DRIVER_SLOW")
	if host.At.Sub(c.since) >= hungFor {
		f = c.Doc().reason("DRIVER_HUNG")
		f.Clear = time.Minute
	}
	f.Evidence = host.DevicesErr.Error()
	return []finding.Finding{f}
}
