// Package finding is what a check says of a host: the words in which checks,
// judgement and actions speak to each other.
package finding

import (
	"slices"
	"time"
)

// Node is the index of a finding that concerns the host and no single GPU.
const Node = -1

// Finding is one thing that a check has found.
type Finding struct {
	// Check that found it, such as row_remapping.
	Check string `json:"check"`
	// Reason by which it is known, such as XID_79.
	Reason string `json:"reason"`
	// GPU it concerns, or Node.
	GPU int `json:"gpu"`
	// UUID of that GPU; empty for the host, or where the GPU no longer says.
	UUID string `json:"uuid,omitempty"`
	// PCI address of a GPU that is not known yet, as before the first look.
	PCI string `json:"pci,omitempty"`
	// Severity decides what it does to the state.
	Severity Severity `json:"severity"`
	// Action that would cure it.
	Action Action `json:"action"`
	// Evidence in a few words, with numbers.
	Evidence string `json:"evidence,omitempty"`
	// Sticky findings stay until the host is booted anew: their cause does not go
	// away by itself, even when its trace does.
	Sticky bool `json:"sticky,omitempty"`
	// Hold is how long it must be seen before it counts.
	Hold time.Duration `json:"-"`
	// Clear is how long it must not be seen before it is gone.
	Clear time.Duration `json:"-"`
	// Count is how many events it stands for; 0 reads as 1.
	Count int `json:"-"`
}

// Severity is what a finding does to the state of what it concerns.
type Severity string

// Severities, from the least.
const (
	// Note is told and changes no state.
	Note Severity = "note"
	// Unknown makes it INSUFFICIENT_DATA.
	Unknown Severity = "unknown"
	// Impaired makes it IMPAIRED.
	Impaired Severity = "impaired"
)

// Action is what would cure a finding.
type Action string

// Actions, from the least.
const (
	None        Action = "NONE"
	RestartTask Action = "RESTART_TASK"
	ResetGPU    Action = "RESET_GPU"
	Reboot      Action = "REBOOT"
	Replace     Action = "REPLACE"
)

// Actions returns all of them, from the least.
func Actions() []Action { return []Action{None, RestartTask, ResetGPU, Reboot, Replace} }

// Known says whether the action is one of [Actions].
func (a Action) Known() bool { return slices.Contains(Actions(), a) }

// Drains says whether the action takes the host out of service. ECS offers no
// reset and no reboot that its tasks would survive: an instance that needs one is
// replaced, which is the same to the work and surer.
func (a Action) Drains() bool { return a == ResetGPU || a == Reboot || a == Replace }

// Worst of two actions.
func Worst(a, b Action) Action {
	if slices.Index(Actions(), b) > slices.Index(Actions(), a) {
		return b
	}
	return a
}

// Graver says whether a is worse than b: by severity, then by action.
func Graver(a, b Finding) bool {
	rank := []Severity{Note, Unknown, Impaired}
	if a.Severity != b.Severity {
		return slices.Index(rank, a.Severity) > slices.Index(rank, b.Severity)
	}
	return a.Action != b.Action && Worst(a.Action, b.Action) == a.Action
}
