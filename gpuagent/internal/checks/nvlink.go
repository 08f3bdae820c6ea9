package checks

import (
	"fmt"
	"strings"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// NVLink finds links between GPUs that are down or lose data.
type NVLink struct {
	noEvents
	active map[string]bool
	errors map[string]uint64
}

// Doc implements [Check].
func (*NVLink) Doc() Doc {
	return Doc{
		Name: "nvlink", Finds: "links between GPUs that went down, or errors on them that the hardware could not repair",
		When: "a link that was up is down for 30 s, gone after a minute up; errors that recovery failed on at once, gone after an hour without more",
		Reasons: []Reason{
			{"NVLINK_DOWN", finding.Impaired, finding.ResetGPU, "A link between GPUs went down."},
			{"NVLINK_ERRORS", finding.Impaired, finding.ResetGPU, "A link between GPUs lost data."},
			{"NVLINK_RETRIES", finding.Note, finding.None, "A link between GPUs repairs many errors."},
		},
		Why:    "What crosses the link hangs or fails, often on all GPUs of the host at once.",
		Source: "https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/, 2026-11-24",
	}
}

// manyRetries between two looks are worth a note.
const manyRetries = 1000

// unrepaired says whether the counter counts what the hardware could not repair.
func unrepaired(kind string) bool {
	return strings.HasPrefix(kind, "recovery_failed") || strings.HasPrefix(kind, "integrity")
}

// Look implements [Check].
func (c *NVLink) Look(host observe.Host) (found []finding.Finding) {
	if c.active == nil {
		c.active, c.errors = map[string]bool{}, map[string]uint64{}
	}
	for _, device := range readable(host) {
		var down, lost []string
		retries := uint64(0)
		for _, link := range device.NVLinks {
			key := fmt.Sprint(name(device), "/", link.Index)
			if link.Active {
				c.active[key] = true
			} else if c.active[key] {
				down = append(down, fmt.Sprint(link.Index))
			}
			for kind, count := range link.Errors {
				grown := c.grown(key+"/"+kind, count)
				switch {
				case grown > 0 && unrepaired(kind):
					lost = append(lost, fmt.Sprintf("%d %s on link %d", grown, kind, link.Index))
				case !unrepaired(kind):
					retries += grown
				}
			}
		}
		if len(down) > 0 {
			f := on(c.Doc().reason("NVLINK_DOWN"), device, "links that were up are down: %s", strings.Join(down, ", "))
			f.Hold, f.Clear = 30*time.Second, time.Minute
			found = append(found, f)
		}
		if len(lost) > 0 {
			f := on(c.Doc().reason("NVLINK_ERRORS"), device, "%s", strings.Join(lost, ", "))
			f.Clear = time.Hour
			found = append(found, f)
		}
		if retries >= manyRetries {
			found = append(found, on(c.Doc().reason("NVLINK_RETRIES"), device, "%d since the last look", retries))
		}
	}
	return found
}

// grown is how much a counter has grown since the last look; a counter that fell
// has been reset.
func (c *NVLink) grown(key string, count uint64) uint64 {
	before, known := c.errors[key]
	c.errors[key] = count
	if !known || count < before {
		return 0
	}
	return count - before
}
