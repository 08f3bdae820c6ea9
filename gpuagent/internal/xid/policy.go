package xid

import (
	"strconv"
	"time"

	"tandem/gpuagent/internal/finding"
)

// Scope is whom an error concerns.
type Scope string

// Scopes.
const (
	// Application errors are a program's own. They never lead to an action on a
	// GPU: a program that crashes in a loop would take a fleet down.
	Application Scope = "application"
	// GPU errors concern one device.
	GPU Scope = "gpu"
	// Node errors concern the host.
	Node Scope = "node"
)

// Opinions of the sources.
const (
	opinionFatal       = "fatal"
	opinionApplication = "application"
	opinionIgnore      = "IGNORE"
	noOpinion          = "-"
)

// Policy is what is known of one code and done about it.
type Policy struct {
	Code int
	// Switch is set for SXids.
	Switch bool
	Name   string
	Scope  Scope
	Action finding.Action
	// Count of events within Window that make it act; without a window a single
	// one does.
	Count  int
	Window time.Duration
	// Ignored codes are not even noted.
	Ignored bool
	// AWS, Plugin and NVIDIA are what the sources say; see the table's head. Of
	// an SXid NVIDIA holds its class.
	AWS, Plugin, NVIDIA string
	// Overruled is set where the settings decide.
	Overruled bool
	Note      string
}

// Reason by which the code is known, such as XID_79.
func (p Policy) Reason() string {
	if p.Switch {
		return "SXID_" + strconv.Itoa(p.Code)
	}
	return "XID_" + strconv.Itoa(p.Code)
}

// Disputed says whether the sources disagree on whether anything is to be done.
// Where they do, the driver's own recovery verdict decides; only a driver that
// has none leaves it to the table.
func (p Policy) Disputed() bool {
	if p.Switch || p.Overruled {
		return false
	}
	fatal := p.AWS == opinionFatal
	harmless := p.NVIDIA == opinionIgnore || p.Plugin == opinionApplication
	return fatal && harmless || !fatal && resolves(p.NVIDIA)
}

// resolves says whether NVIDIA asks for more than a restart of the application.
func resolves(action string) bool {
	switch action {
	case "RESET_GPU", "RESTART_BM", "RESTART_VM", "WORKFLOW_NVLINK_ERR", "WORKFLOW_NVLINK5_ERR":
		return true
	default:
		return false
	}
}

// Impairs says whether the error, once it counts, makes what it concerns IMPAIRED.
func (p Policy) Impairs() bool { return p.Scope != Application && p.Action.Drains() }
