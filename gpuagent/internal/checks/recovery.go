package checks

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Recovery finds a device of which the driver itself says that it needs something.
type Recovery struct{ noEvents }

var recoveryReasons = map[observe.RecoveryAction]string{
	observe.RecoverGPUReset: "RECOVERY_GPU_RESET", observe.RecoverNodeReboot: "RECOVERY_NODE_REBOOT", observe.RecoverDrainP2P: "RECOVERY_DRAIN_P2P",
	observe.RecoverDrainAndReset: "RECOVERY_DRAIN_AND_RESET", observe.RecoverUnknown: "RECOVERY_UNKNOWN",
}

// Doc implements [Check].
func (*Recovery) Doc() Doc {
	return Doc{
		Name: "recovery", Finds: "the driver's own verdict that a GPU needs a reset or the host a reboot",
		When: "at once; gone when the driver has taken it back for 30 s",
		Reasons: []Reason{
			{"RECOVERY_GPU_RESET", finding.Impaired, finding.ResetGPU, "The driver says that the GPU needs a reset."},
			{"RECOVERY_NODE_REBOOT", finding.Impaired, finding.Reboot, "The driver says that the host needs a reboot."},
			{"RECOVERY_DRAIN_P2P", finding.Impaired, finding.ResetGPU, "The driver says that traffic between GPUs must end before the GPU is reset."},
			{"RECOVERY_DRAIN_AND_RESET", finding.Impaired, finding.ResetGPU, "The driver says that the work on the GPU should end, and the GPU then be reset."},
			{"RECOVERY_UNKNOWN", finding.Note, finding.None, "The driver asks for something that this agent does not know."},
		},
		Why:    "Nobody knows the GPU better. It decides where tables of Xids disagree.",
		Source: "nvml.h, NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, drivers from 550 on, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Recovery) Look(host observe.Host) (found []finding.Finding) {
	for _, device := range readable(host) {
		if device.RecoveryAction == nil {
			continue
		}
		if reason, asks := recoveryReasons[*device.RecoveryAction]; asks {
			f := on(c.Doc().reason(reason), device, "the driver's recovery action is %d", *device.RecoveryAction)
			f.Clear = 30 * time.Second
			found = append(found, f)
		}
	}
	return found
}
