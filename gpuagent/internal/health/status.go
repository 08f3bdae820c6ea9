package health

import (
	"slices"
	"time"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

// Status is what of a judgement workers are told.
func Status(verdict Judgement, notices observe.Notices, now time.Time) nodestatus.Status {
	status := nodestatus.Status{
		Version: nodestatus.Version, State: verdict.State, Updated: now, Rebalance: notices.Rebalance,
		Since: verdict.Since, Action: string(verdict.Action), Evidence: verdict.Evidence,
	}
	if verdict.State == nodestatus.Initializing {
		status.Reasons = append(status.Reasons, verdict.Reason)
	}
	for _, standing := range verdict.Findings {
		if !slices.Contains(status.Reasons, standing.Reason) && (standing.Severity == finding.Impaired || verdict.State != nodestatus.Impaired) {
			status.Reasons = append(status.Reasons, standing.Reason)
		}
	}
	status.Whole = slices.ContainsFunc(verdict.Findings, func(standing Standing) bool {
		return standing.Severity == finding.Impaired && standing.GPU == finding.Node
	})
	if notices.Spot != nil {
		status.Reasons = append(status.Reasons, checks.SpotInterruption)
		status.Spot = &nodestatus.SpotNotice{Action: notices.Spot.Action, Time: notices.Spot.Time}
	}
	for _, gpu := range verdict.GPUs {
		told := nodestatus.GPU{UUID: gpu.UUID, Index: gpu.Index, State: gpu.State, Reason: gpu.Reason, Since: gpu.Since, Evidence: gpu.Evidence}
		if gpu.Action != finding.None {
			told.Action = string(gpu.Action)
		}
		status.GPUs = append(status.GPUs, told)
	}
	return status
}
