package act

import "time"

// Phase is how far the agent is with taking its host out of service.
type Phase string

// Phases, in order.
const (
	// Watching: there is nothing to do, or nothing may be done.
	Watching Phase = "watching"
	// Waiting: the host should be drained and may not be yet; Report.Blocked says why.
	Waiting Phase = "waiting"
	// Draining: ECS moves the tasks away.
	Draining Phase = "draining"
	// Replacing: the group has been told to replace the instance.
	Replacing Phase = "replacing"
)

// Report is what is done about the judgement. It is never changed once handed out.
type Report struct {
	// Mode is observe or protect.
	Mode string `json:"mode"`
	// Phase now, and since when.
	Phase Phase     `json:"phase"`
	Since time.Time `json:"since"`
	// Reason for which the host is taken out of service; empty while watching.
	Reason string `json:"reason,omitempty"`
	// Would says what would be done, in observe mode.
	Would string `json:"would,omitempty"`
	// Blocked says what keeps a host that should be drained from it.
	Blocked string `json:"blocked,omitempty"`
	// Calls made to AWS by name, and how many of them failed.
	Calls, Failures map[string]uint64 `json:"-"`
}

// The modes of an agent.
const (
	// Observe says what would be done.
	Observe = "observe"
	// Protect does it.
	Protect = "protect"
)

// Memory is what an actor that starts anew has to know of the one before it. What
// ECS says goes before it.
type Memory struct {
	Phase  Phase     `json:"phase,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// MemoryOf is what of a report is to be remembered.
func MemoryOf(report Report) Memory {
	if report.Phase != Draining && report.Phase != Replacing {
		return Memory{}
	}
	return Memory{Phase: report.Phase, Since: report.Since, Reason: report.Reason}
}
