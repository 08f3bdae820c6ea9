package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/gpuagent/internal/agent"
)

// lastFor is how long dcgm-exporter's gauge of the last error shows it. There it
// stays for ever, so that nobody can tell a new error from an old one.
const lastFor = 5 * time.Minute

var (
	xidTotal  = prometheus.NewDesc("xid_errors_total", "Xid errors of a GPU by code, since the agent started.", []string{"uuid", "xid"}, nil)
	xidLast   = prometheus.NewDesc("xid_errors_last_timestamp_seconds", "When a GPU's last Xid error of a code happened.", []string{"uuid", "xid"}, nil)
	sxidTotal = prometheus.NewDesc("sxid_errors_total", "SXid errors of an NVSwitch by code, since the agent started.", []string{"switch", "sxid"}, nil)
	sxidLast  = prometheus.NewDesc("sxid_errors_last_timestamp_seconds", "When an NVSwitch's last SXid error of a code happened.", []string{"switch", "sxid"}, nil)
	xidGauge  = prometheus.NewDesc("DCGM_FI_DEV_XID_ERRORS", "Value of the last XID error encountered; here of the last five minutes, and 0 without one.", labels, nil)
)

func collectXids(xids map[agent.XidKey]agent.XidCount, metrics chan<- prometheus.Metric) {
	for key, count := range xids {
		total, last := xidTotal, xidLast
		if key.Switch {
			total, last = sxidTotal, sxidLast
		}
		code := strconv.Itoa(key.Code)
		metrics <- prometheus.MustNewConstMetric(total, prometheus.CounterValue, float64(count.Count), key.UUID, code)
		metrics <- prometheus.MustNewConstMetric(last, prometheus.GaugeValue, seconds(count.Last), key.UUID, code)
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
