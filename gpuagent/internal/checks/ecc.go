package checks

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// ECC finds memory errors that could not be corrected.
type ECC struct {
	noEvents
	first map[string]uint64
}

// oldECC is how many in a device's life are worth a note.
const oldECC = 10

// Doc implements [Check].
func (*ECC) Doc() Doc {
	return Doc{
		Name: "ecc_uncorrected", Finds: "memory errors that could not be corrected",
		When: "at the first since the driver was loaded, or when the count of the device's life grows; gone after a reset. A note where the driver's verdict asks for nothing",
		Reasons: []Reason{
			{"ECC_UNCORRECTED", finding.Impaired, finding.ResetGPU, "Memory of the GPU has lost what was in it."},
			{"ECC_AGGREGATE", finding.Note, finding.None, "The GPU has had many such errors in its life."},
		},
		Why:    "Results may be wrong without anybody noticing, until the row is replaced by a spare one, which takes a reset.",
		Source: "https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *ECC) Look(host observe.Host) (found []finding.Finding) {
	if c.first == nil {
		c.first = map[string]uint64{}
	}
	for _, device := range readable(host) {
		var volatile, aggregate, grown uint64
		if device.ECCVolatile != nil {
			volatile = *device.ECCVolatile
		}
		if device.ECCAggregate != nil {
			aggregate = *device.ECCAggregate
			first, known := c.first[name(device)]
			if !known || aggregate < first {
				first = aggregate
				c.first[name(device)] = aggregate
			}
			grown = aggregate - first
		}
		switch {
		case volatile > 0 || grown > 0:
			f := on(c.Doc().reason("ECC_UNCORRECTED"), device, "%d uncorrected errors since the driver was loaded, %d more in the device's life than at the agent's start", volatile, grown)
			f.Clear = 30 * time.Second
			if spared(device) {
				f = leave(f)
			}
			found = append(found, f)
		case aggregate >= oldECC:
			found = append(found, on(c.Doc().reason("ECC_AGGREGATE"), device, "%d uncorrected errors in the device's life", aggregate))
		}
	}
	return found
}
