package checks

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// RowRemapping finds bad memory rows that wait for a spare one or got none.
type RowRemapping struct{ noEvents }

// Doc implements [Check].
func (*RowRemapping) Doc() Doc {
	return Doc{
		Name: "row_remapping", Finds: "bad memory rows that wait for a spare one, or got none (from Ampere on)",
		When: "at once; gone after the reset that a pending one takes. A pending one is a note where the driver's verdict asks for nothing",
		Reasons: []Reason{
			{"ROW_REMAP_FAILED", finding.Impaired, finding.Replace, "A bad row found no spare one."},
			{"ROW_REMAP_PENDING", finding.Impaired, finding.ResetGPU, "A bad row is replaced at the next reset."},
		},
		Why:    "A row that failed is NVIDIA's criterion for returning the GPU. Sources disagree on a pending one (Xid 63), so the driver decides.",
		Source: "https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *RowRemapping) Look(host observe.Host) (found []finding.Finding) {
	for _, device := range readable(host) {
		rows := device.RemappedRows
		if rows == nil {
			continue
		}
		if rows.Failed {
			f := on(c.Doc().reason("ROW_REMAP_FAILED"), device, "a remapping failed; %d rows were remapped for uncorrectable errors", rows.Uncorrectable)
			f.Clear = 30 * time.Second
			found = append(found, f)
		}
		if rows.Pending {
			f := on(c.Doc().reason("ROW_REMAP_PENDING"), device, "a remapping waits for a reset; %d rows were remapped for uncorrectable errors", rows.Uncorrectable)
			f.Clear = 30 * time.Second
			if spared(device) {
				f = leave(f)
			}
			found = append(found, f)
		}
	}
	return found
}
