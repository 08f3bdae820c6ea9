package health

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/runtime/nodestatus"
)

// noteFor is how long a note is told after it was last seen.
const noteFor = time.Hour

// Judgement derives the verdict at a moment.
func (j *Judge) Judgement(at time.Time) Judgement {
	verdict := Judgement{Action: finding.None, GPUs: []GPU{}, Findings: []Standing{}, Notes: []Standing{}}
	for _, s := range j.stands {
		if s.counts {
			verdict.Findings = append(verdict.Findings, j.placed(s.Standing))
		}
	}
	slices.SortFunc(verdict.Findings, gravest)
	for _, note := range j.notes {
		if at.Sub(note.Last) < noteFor {
			verdict.Notes = append(verdict.Notes, j.placed(note))
		}
	}
	slices.SortFunc(verdict.Notes, func(a, b Standing) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(key(a.Finding), key(b.Finding)))
	})
	verdict.GPUs = j.gpus(verdict.Findings, at)
	verdict.State = nodestatus.OK
	if !j.looked {
		verdict.State, verdict.Reason = nodestatus.Initializing, "STARTING"
	}
	for i, standing := range verdict.Findings {
		if i == 0 {
			verdict.State, verdict.Reason, verdict.Evidence = state(standing.Severity), standing.Reason, standing.Evidence
		}
		if standing.Severity == finding.Impaired {
			verdict.Action = finding.Worst(verdict.Action, standing.Action)
		}
	}
	verdict.Since = j.changed("", verdict.State, at)
	return verdict
}

// placed gives a finding the index that its device has now.
func (j *Judge) placed(standing Standing) Standing {
	if standing.UUID == "" && standing.PCI == "" {
		return standing
	}
	// An event may come before its device is known.
	if device, found := j.device(standing.Finding); found {
		standing.GPU, standing.UUID, standing.PCI = device.Index, device.UUID, ""
	}
	return standing
}

// gpus are the devices of the last look, and those that only findings still know.
func (j *Judge) gpus(findings []Standing, at time.Time) []GPU {
	gpus := make([]GPU, 0, len(j.host.Devices))
	for _, device := range j.host.Devices {
		gpus = append(gpus, GPU{Index: device.Index, UUID: device.UUID, State: nodestatus.OK, Action: finding.None})
	}
	unread := ""
	for _, standing := range findings {
		if standing.GPU == finding.Node {
			if j.host.DevicesErr != nil && unread == "" {
				unread = standing.Reason
			}
			continue
		}
		of := slices.IndexFunc(gpus, func(gpu GPU) bool {
			return standing.UUID != "" && gpu.UUID == standing.UUID || standing.UUID == "" && gpu.Index == standing.GPU
		})
		if of < 0 {
			gpus = append(gpus, GPU{Index: standing.GPU, UUID: standing.UUID, State: nodestatus.OK, Action: finding.None})
			of = len(gpus) - 1
		}
		gpu := &gpus[of]
		// The gravest comes first.
		if gpu.Reason == "" {
			gpu.State, gpu.Reason, gpu.Evidence = state(standing.Severity), standing.Reason, standing.Evidence
		}
		if standing.Severity == finding.Impaired {
			gpu.Action = finding.Worst(gpu.Action, standing.Action)
		}
	}
	for i := range gpus {
		if unread != "" && gpus[i].Reason == "" {
			gpus[i].State, gpus[i].Reason = nodestatus.InsufficientData, unread
		}
		gpus[i].Since = j.changed(fmt.Sprint(gpus[i].Index, "|", gpus[i].UUID), gpus[i].State, at)
	}
	slices.SortStableFunc(gpus, func(a, b GPU) int { return cmp.Compare(a.Index, b.Index) })
	return gpus
}

// changed is since when something has its state.
func (j *Judge) changed(of string, state nodestatus.State, at time.Time) time.Time {
	before, known := j.since[of]
	if !known || before.state != state {
		if len(j.since) >= mostStands {
			clear(j.since)
		}
		j.since[of] = change{state, at}
		return at
	}
	return before.at
}

func state(severity finding.Severity) nodestatus.State {
	switch severity {
	case finding.Impaired:
		return nodestatus.Impaired
	case finding.Unknown:
		return nodestatus.InsufficientData
	default:
		return nodestatus.OK
	}
}

// gravest orders findings: the worst first, of equals the oldest.
func gravest(a, b Standing) int {
	switch {
	case finding.Graver(a.Finding, b.Finding):
		return -1
	case finding.Graver(b.Finding, a.Finding):
		return 1
	}
	return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.GPU, b.GPU))
}

// Sticky returns what an agent that starts anew on this boot has to know.
func (j *Judge) Sticky() []Standing {
	var kept []Standing
	for _, s := range j.stands {
		if s.Sticky && s.counts && s.Severity == finding.Impaired {
			kept = append(kept, s.Standing)
		}
	}
	slices.SortFunc(kept, gravest)
	return kept
}
