package history

import (
	"cmp"
	"slices"
	"time"

	"tandem/test/fault/table"
)

const (
	// leaseFor is how long a claim or a renewal holds.
	leaseFor = 30 * time.Second
	// clockError is how wrong a process may be about the server's time: half a
	// second, and as long as the slowest answers take.
	clockError = 3 * time.Second
)

// judgeLeases finds leases that were ended before their time or taken for
// longer than allowed, as clocks that are wrong would have it.
func (m *Monitor) judgeLeases(id string, j *job) {
	var applied []Write
	for _, w := range j.writes {
		if w.Applied && w.Told {
			applied = append(applied, w)
		}
	}
	slices.SortFunc(applied, func(a, b Write) int { return cmp.Compare(a.Item.Revision, b.Item.Revision) })
	var before table.Item
	for _, w := range applied {
		holder := j.holder(before.Fence)
		if ended := before.State == "running" && (w.Item.State != "running" || w.Item.Fence != before.Fence); ended && w.By != holder &&
			!w.Item.Terminal() && time.UnixMilli(before.Until).After(w.Returned.Add(clockError)) {
			m.violated("%s ended the lease of %s on job %s at fence %d %.1f s before its time", w.By, holder, id, before.Fence,
				time.UnixMilli(before.Until).Sub(w.Returned).Seconds())
		}
		if w.Item.State == "running" && time.UnixMilli(w.Item.Until).After(w.Returned.Add(leaseFor+clockError)) {
			m.violated("%s took a lease on job %s that holds for %.1f s", w.By, id, time.UnixMilli(w.Item.Until).Sub(w.Returned).Seconds())
		}
		before = w.Item
	}
}
