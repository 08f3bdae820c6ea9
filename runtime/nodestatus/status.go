package nodestatus

import (
	"slices"
	"time"
)

// Version of the file's layout. A reader takes any file whose fields it knows:
// fields are added, never given another meaning.
const Version = 1

// State is a verdict in the words that ECS uses for the health of a container
// instance (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceHealthCheckResult.html, 2026-11-24).
type State string

// The states. Only Impaired stops work: a host of which too little is known
// (no driver, no agent yet) is not sick.
const (
	OK               State = "OK"
	Impaired         State = "IMPAIRED"
	Initializing     State = "INITIALIZING"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Status is what the file says.
type Status struct {
	// Version of the layout.
	Version int `json:"version"`
	// State of the host: the worst of its GPUs and what concerns them all.
	State State `json:"state"`
	// Reasons for a state other than OK, such as XID_79 or DRIVER_MISSING.
	Reasons []string `json:"reasons,omitempty"`
	// Whole is set when an impairment concerns every device, beside those that are
	// impaired themselves.
	Whole bool `json:"whole,omitempty"`
	// Since is when the state became what it is.
	Since time.Time `json:"since,omitzero"`
	// Action that would cure the host: NONE, RESTART_TASK, RESET_GPU, REBOOT or REPLACE.
	Action string `json:"action,omitempty"`
	// Evidence for the first reason, for people.
	Evidence string `json:"evidence,omitempty"`
	// Spot is set once the instance will be reclaimed.
	Spot *SpotNotice `json:"spot,omitempty"`
	// Rebalance is when EC2 recommended to move away; nil without a recommendation.
	Rebalance *time.Time `json:"rebalance,omitempty"`
	// GPUs of the host, by index.
	GPUs []GPU `json:"gpus,omitempty"`
	// Updated is when the agent last looked, by the host's clock.
	Updated time.Time `json:"updated"`
}

// SpotNotice is EC2's announcement that a spot instance will be reclaimed.
type SpotNotice struct {
	// Action is terminate, stop or hibernate.
	Action string `json:"action"`
	// Time at which it happens, about two minutes after the announcement.
	Time time.Time `json:"time"`
}

// GPU is the verdict on one device.
type GPU struct {
	// UUID as NVML and NVIDIA_VISIBLE_DEVICES name it, such as GPU-8f9a....
	UUID string `json:"uuid"`
	// Index by which the driver counts, from 0.
	Index int `json:"index"`
	// State of this device.
	State State `json:"state"`
	// Reason for a state other than OK.
	Reason string `json:"reason,omitempty"`
	// Since is when the state became what it is.
	Since time.Time `json:"since,omitzero"`
	// Action that would cure this device; empty for NONE.
	Action string `json:"action,omitempty"`
	// Evidence for the reason, for people.
	Evidence string `json:"evidence,omitempty"`
}

// ImpairedFor says whether work on the devices with these UUIDs must stop, and
// why. Without UUIDs, or where the impairment is not of a single device, every
// device is concerned.
func (s Status) ImpairedFor(uuids []string) (reasons []string, impaired bool) {
	if s.State != Impaired {
		return nil, false
	}
	var sick []GPU
	for _, gpu := range s.GPUs {
		if gpu.State == Impaired {
			sick = append(sick, gpu)
		}
	}
	if s.Whole || len(uuids) == 0 || len(sick) == 0 {
		return s.Reasons, true
	}
	for _, gpu := range sick {
		// A device that is lost may no longer say who it is.
		if gpu.UUID == "" || slices.Contains(uuids, gpu.UUID) {
			reasons = append(reasons, gpu.Reason)
		}
	}
	return reasons, len(reasons) > 0
}
