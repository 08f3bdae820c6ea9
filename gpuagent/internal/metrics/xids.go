package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"tandem/gpuagent/internal/agent"
)

// lastFor is how long dcgm-exporter's gauge of the last error shows it. There it
// stays for ever, so that nobody can tell a new error from an old one.
const lastFor = 5 * time.Minute

var (
	xidTotal  = family{"xid_errors_total", kindCounter, "Xid errors of a GPU by code, since the agent started."}
	xidLast   = family{"xid_errors_last_timestamp_seconds", kindGauge, "When a GPU's last Xid error of a code happened."}
	sxidTotal = family{"sxid_errors_total", kindCounter, "SXid errors of an NVSwitch by code, since the agent started."}
	sxidLast  = family{"sxid_errors_last_timestamp_seconds", kindGauge, "When an NVSwitch's last SXid error of a code happened."}
	xidGauge  = family{"DCGM_FI_DEV_XID_ERRORS", kindGauge, "Value of the last XID error encountered; here of the last five minutes, and 0 without one."}
)

// xids writes how many errors there were and when the last one was.
func (p *page) xids(xids map[agent.XidKey]agent.XidCount) {
	keys := slices.SortedFunc(maps.Keys(xids), func(a, b agent.XidKey) int {
		return cmp.Or(cmp.Compare(a.UUID, b.UUID), cmp.Compare(a.Code, b.Code))
	})
	for _, kind := range []struct {
		of       family
		labels   []string
		switches bool
		value    func(agent.XidCount) float64
	}{
		{xidTotal, []string{"uuid", "xid"}, false, func(c agent.XidCount) float64 { return float64(c.Count) }},
		{xidLast, []string{"uuid", "xid"}, false, func(c agent.XidCount) float64 { return seconds(c.Last) }},
		{sxidTotal, []string{"switch", "sxid"}, true, func(c agent.XidCount) float64 { return float64(c.Count) }},
		{sxidLast, []string{"switch", "sxid"}, true, func(c agent.XidCount) float64 { return seconds(c.Last) }},
	} {
		p.begin(kind.of)
		for _, key := range keys {
			if key.Switch == kind.switches {
				p.series(kind.of.name, render(kind.labels, key.UUID, strconv.Itoa(key.Code)), kind.value(xids[key]))
			}
		}
	}
}

// lastXid of a device within the last minutes; 0 without one.
func lastXid(xids map[agent.XidKey]agent.XidCount, uuid string, now time.Time) int {
	code, at := 0, now.Add(-lastFor)
	for key, count := range xids {
		if key.UUID == uuid && !key.Switch && count.Last.After(at) {
			code, at = key.Code, count.Last
		}
	}
	return code
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
