//go:build cgo && linux

package nvml

import (
	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// health is one part of the fabric's health mask: which of its values are bad
// (nvml.h, NVML_GPU_FABRIC_HEALTH_MASK, 2026-11-24).
type health struct {
	name         string
	shift, width uint32
	bad          func(value uint32) bool
}

var fabricHealth = []health{
	{"bandwidth_degraded", nvml.GPU_FABRIC_HEALTH_MASK_SHIFT_DEGRADED_BW, nvml.GPU_FABRIC_HEALTH_MASK_WIDTH_DEGRADED_BW, isTrue},
	{"route_recovery", nvml.GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_RECOVERY, nvml.GPU_FABRIC_HEALTH_MASK_WIDTH_ROUTE_RECOVERY, isTrue},
	{"route_unhealthy", nvml.GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_UNHEALTHY, nvml.GPU_FABRIC_HEALTH_MASK_WIDTH_ROUTE_UNHEALTHY, isTrue},
	{"access_timeout_recovery", nvml.GPU_FABRIC_HEALTH_MASK_SHIFT_ACCESS_TIMEOUT_RECOVERY, nvml.GPU_FABRIC_HEALTH_MASK_WIDTH_ACCESS_TIMEOUT_RECOVERY, isTrue},
	{"incorrect_configuration", nvml.GPU_FABRIC_HEALTH_MASK_SHIFT_INCORRECT_CONFIGURATION, nvml.GPU_FABRIC_HEALTH_MASK_WIDTH_INCORRECT_CONFIGURATION,
		func(value uint32) bool { return value > 1 }},
}

// The parts that can be true have 1 for it, 2 for false and 0 for unknown.
func isTrue(value uint32) bool { return value == 1 }

func takeFabric(r *round, each *device) {
	if !each.hasFabric {
		return
	}
	info, code := each.handle.GetGpuFabricInfoV().V2()
	if !r.ok(code) {
		// It does not grow a fabric while the driver is loaded.
		each.hasFabric = code != nvml.ERROR_NOT_SUPPORTED
		return
	}
	fabric := &observe.Fabric{}
	switch info.State {
	case nvml.GPU_FABRIC_STATE_NOT_SUPPORTED:
		each.hasFabric = false
		return
	case nvml.GPU_FABRIC_STATE_NOT_STARTED:
		fabric.State = "not_started"
	case nvml.GPU_FABRIC_STATE_IN_PROGRESS:
		fabric.State = "in_progress"
	case nvml.GPU_FABRIC_STATE_COMPLETED:
		fabric.State = "completed"
		if status := nvml.Return(info.Status); status != nvml.SUCCESS {
			fabric.Err = nvml.ErrorString(status)
		}
	default:
		return
	}
	for _, part := range fabricHealth {
		if part.bad(info.HealthMask >> part.shift & part.width) {
			fabric.Unhealthy = append(fabric.Unhealthy, part.name)
		}
	}
	r.Fabric = fabric
}
