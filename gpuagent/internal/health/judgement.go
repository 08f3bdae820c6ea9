package health

import (
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/runtime/nodestatus"
)

// Judgement is the verdict on a host and each of its GPUs. It is never changed
// once it is handed out.
type Judgement struct {
	// State of the host: the worst of its GPUs and what concerns them all.
	State nodestatus.State `json:"state"`
	// Reason is the gravest; empty for OK.
	Reason string `json:"reason,omitempty"`
	// Since is when the state became what it is.
	Since time.Time `json:"since"`
	// Evidence for the gravest reason.
	Evidence string `json:"evidence,omitempty"`
	// Action that would cure the host.
	Action finding.Action `json:"action"`
	// GPUs by index.
	GPUs []GPU `json:"gpus"`
	// Findings that stand, the gravest first.
	Findings []Standing `json:"findings"`
	// Notes are findings that change no state, the latest first, at most MaxNotes.
	Notes []Standing `json:"notes"`
}

// MaxNotes that are kept, however many there are.
const MaxNotes = 64

// GPU is the verdict on one device.
type GPU struct {
	Index    int              `json:"index"`
	UUID     string           `json:"uuid"`
	State    nodestatus.State `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Since    time.Time        `json:"since"`
	Evidence string           `json:"evidence,omitempty"`
	Action   finding.Action   `json:"action"`
}

// Standing is a finding with its history.
type Standing struct {
	finding.Finding
	// Since is when it was first seen, Last when it was last seen.
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	// Count of the events it stands for, or 1.
	Count int `json:"count"`
}
