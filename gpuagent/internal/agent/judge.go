package agent

import (
	"errors"
	"reflect"

	"tandem/runtime/nodestatus"
)

// The reasons that this agent gives.
const (
	ReasonNoDriver     = "DRIVER_MISSING"
	ReasonMonitor      = "MONITOR_FAILED"
	ReasonNoGPU        = "NO_GPU"
	ReasonGPULost      = "GPU_LOST"
	ReasonInterruption = "SPOT_INTERRUPTION"
)

// judge turns one reading into a verdict. A monitor that fails knows too little
// and never makes a host sick.
func judge(gpus []GPU, gpuErr error, notices Notices) nodestatus.Status {
	status := nodestatus.Status{State: nodestatus.OK, Spot: notices.Spot, Rebalance: notices.Rebalance}
	switch {
	case errors.Is(gpuErr, ErrNoDriver):
		status.State, status.Reasons = nodestatus.InsufficientData, []string{ReasonNoDriver}
	case gpuErr != nil:
		status.State, status.Reasons = nodestatus.InsufficientData, []string{ReasonMonitor}
	case len(gpus) == 0:
		status.State, status.Reasons = nodestatus.Impaired, []string{ReasonNoGPU}
	}
	for _, gpu := range gpus {
		verdict := nodestatus.GPU{UUID: gpu.UUID, Index: gpu.Index, State: nodestatus.OK}
		if gpu.Lost {
			verdict.State, verdict.Reason = nodestatus.Impaired, ReasonGPULost
			status.State, status.Reasons = nodestatus.Impaired, []string{ReasonGPULost}
		}
		status.GPUs = append(status.GPUs, verdict)
	}
	if notices.Spot != nil {
		status.Reasons = append(status.Reasons, ReasonInterruption)
	}
	return status
}

// same compares everything but the time.
func same(a, b nodestatus.Status) bool {
	a.Updated, a.Version = b.Updated, b.Version
	return reflect.DeepEqual(a, b)
}
