package xid

import (
	"strings"

	"tandem/gpuagent/internal/observe"
)

// RecoveryChanged is the Xid by which the driver tells that its verdict has changed.
const RecoveryChanged = 154

// ParseVerdict reads the driver's verdict from the text of an Xid 154, for
// libraries that are too old to be asked for it:
//
//	NVRM: Xid (PCI:0000:9b:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)
func ParseVerdict(detail string) (observe.RecoveryAction, bool) {
	_, after, found := strings.Cut(detail, " to 0x")
	if !found {
		return 0, false
	}
	switch {
	case strings.Contains(after, "(None)"):
		return observe.RecoverNone, true
	case strings.Contains(after, "(Drain and Reset)"):
		return observe.RecoverDrainAndReset, true
	case strings.Contains(after, "(Drain P2P)"):
		return observe.RecoverDrainP2P, true
	case strings.Contains(after, "(GPU Reset"):
		return observe.RecoverGPUReset, true
	case strings.Contains(after, "(Node Reboot"):
		return observe.RecoverNodeReboot, true
	default:
		return observe.RecoverUnknown, true
	}
}
