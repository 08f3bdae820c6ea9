//go:build cgo && linux

package nvml

import (
	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// linkFacts are what does not change about a device's NVLinks.
type linkFacts struct {
	count int
	// kinds of errors that the driver counts, and the fields that hold them.
	kinds []linkErrors
}

// linkErrors is one kind of errors: by scope, or by a field a link before Hopper.
type linkErrors struct {
	kind   string
	scoped uint32
	// upToFive and upToEleven are the fields of links 0 and 6.
	upToFive, upToEleven uint32
}

// The kinds of errors, as drivers from Hopper on count them, and before
// (nvml.h, NVML_FI_DEV_NVLINK_ERROR_DL_REPLAY and following, 2026-11-24).
var (
	scopedErrors = []linkErrors{
		{kind: "replay", scoped: nvml.FI_DEV_NVLINK_ERROR_DL_REPLAY},
		{kind: "recovery", scoped: nvml.FI_DEV_NVLINK_ERROR_DL_RECOVERY},
		{kind: "crc", scoped: nvml.FI_DEV_NVLINK_ERROR_DL_CRC},
	}
	// From Blackwell on, which has none of the former.
	fifthErrors = []linkErrors{
		{kind: "recovery", scoped: nvml.FI_DEV_NVLINK_COUNT_LINK_RECOVERY_EVENTS},
		{kind: "recovery_failed", scoped: nvml.FI_DEV_NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS},
		{kind: "integrity", scoped: nvml.FI_DEV_NVLINK_COUNT_LOCAL_LINK_INTEGRITY_ERRORS},
	}
	earlyErrors = []linkErrors{
		{"replay", 0, nvml.FI_DEV_NVLINK_REPLAY_ERROR_COUNT_L0, nvml.FI_DEV_NVLINK_REPLAY_ERROR_COUNT_L6},
		{"recovery", 0, nvml.FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_L0, nvml.FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_L6},
		{"crc_flit", 0, nvml.FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L0, nvml.FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L6},
		{"crc_data", 0, nvml.FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L0, nvml.FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L6},
	}
)

// field that holds the errors of one link.
func (e linkErrors) field(link int) nvml.FieldValue {
	switch {
	case e.scoped != 0:
		return nvml.FieldValue{FieldId: e.scoped, ScopeId: uint32(link)}
	case link < 6:
		return nvml.FieldValue{FieldId: e.upToFive + uint32(link)}
	default:
		return nvml.FieldValue{FieldId: e.upToEleven + uint32(link-6)}
	}
}

// findLinks asks how many links there are and which counters answer for the first.
func findLinks(handle nvml.Device) linkFacts {
	ask := []nvml.FieldValue{
		{FieldId: nvml.FI_DEV_NVLINK_LINK_COUNT},
		scopedErrors[0].field(0), fifthErrors[0].field(0), earlyErrors[0].field(0),
	}
	if handle.GetFieldValues(ask) != nvml.SUCCESS {
		return linkFacts{}
	}
	count, ok := number(&ask[0])
	if !ok || count < 1 || count > nvml.NVLINK_MAX_LINKS {
		return linkFacts{}
	}
	facts := linkFacts{count: int(count)}
	for i, kinds := range [][]linkErrors{scopedErrors, fifthErrors, earlyErrors} {
		if _, ok := number(&ask[i+1]); ok && (kinds[0].scoped != 0 || count <= 12) {
			facts.kinds = kinds
			break
		}
	}
	return facts
}

// takeLinks reads the state of each link, and all their counters in one call.
func takeLinks(r *round, each *device) {
	facts := each.links
	if facts.count == 0 {
		return
	}
	values := make([]nvml.FieldValue, 0, facts.count*len(facts.kinds))
	for link := range facts.count {
		for _, errors := range facts.kinds {
			values = append(values, errors.field(link))
		}
	}
	counted := len(values) > 0 && r.ok(each.handle.GetFieldValues(values))
	for link := range facts.count {
		state, code := each.handle.GetNvLinkState(link)
		if !r.ok(code) {
			if r.Lost {
				return
			}
			continue
		}
		seen := observe.NVLink{Index: link, Active: state == nvml.FEATURE_ENABLED}
		for i, errors := range facts.kinds {
			if !counted {
				break
			}
			if count := counter(&values[link*len(facts.kinds)+i]); count != nil {
				if seen.Errors == nil {
					seen.Errors = make(map[string]uint64, len(facts.kinds))
				}
				seen.Errors[errors.kind] = *count
			}
		}
		r.NVLinks = append(r.NVLinks, seen)
	}
}
