package checks

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// PageRetirement finds bad memory pages on GPUs before Ampere.
type PageRetirement struct{ noEvents }

// mostPages from which on NVIDIA takes a GPU back; the driver can retire 64.
const mostPages = 60

// Doc implements [Check].
func (*PageRetirement) Doc() Doc {
	return Doc{
		Name: "page_retirement", Finds: "bad memory pages that wait for their retirement, or too many of them (T4, V100 and older)",
		When: "at once; gone after the reset that a pending one takes",
		Reasons: []Reason{
			{"PAGE_RETIREMENT_LIMIT", finding.Impaired, finding.Replace, "The GPU has run out of pages that may be retired, or soon will."},
			{"PAGE_RETIREMENT_PENDING", finding.Impaired, finding.ResetGPU, "A bad page is in use until the next reset."},
		},
		Why:    "The driver retires 64 pages at most; from 60 on NVIDIA takes the GPU back.",
		Source: "https://docs.nvidia.com/deploy/dynamic-page-retirement/, 2026-11-24",
	}
}

// Look implements [Check].
func (c *PageRetirement) Look(host observe.Host) (found []finding.Finding) {
	for _, device := range readable(host) {
		pages := device.RetiredPages
		if pages == nil {
			continue
		}
		if total := pages.SingleBit + pages.DoubleBit; total >= mostPages {
			f := on(c.Doc().reason("PAGE_RETIREMENT_LIMIT"), device, "%d pages are retired, of 64 at most", total)
			f.Clear = 30 * time.Second
			found = append(found, f)
		}
		if pages.Pending {
			f := on(c.Doc().reason("PAGE_RETIREMENT_PENDING"), device, "a page waits for its retirement; %d are retired", pages.SingleBit+pages.DoubleBit)
			f.Clear = 30 * time.Second
			if spared(device) {
				f = leave(f)
			}
			found = append(found, f)
		}
	}
	return found
}
