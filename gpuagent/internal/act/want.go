package act

import (
	"fmt"
	"time"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

// wish is what the judgement asks for.
type wish struct {
	kind   kind
	reason string
}

type kind int

const (
	// hold: too little is known to begin something or to take it back.
	hold kind = iota
	nothing
	sick
	rebalance
	spot
)

// wanted is what should be done by what is known. What drains for a
// recommendation goes on, though that has expired meanwhile.
func wanted(verdict health.Judgement, notices observe.Notices, now time.Time, expires time.Duration, drainingFor string) wish {
	switch {
	case notices.Spot != nil:
		return wish{spot, checks.SpotInterruption}
	case verdict.State == nodestatus.Initializing:
		return wish{hold, ""}
	case verdict.State == nodestatus.Impaired && verdict.Action.Drains():
		return wish{sick, drainReason(verdict)}
	case drainingFor == checks.Rebalance:
		return wish{rebalance, checks.Rebalance}
	case verdict.State == nodestatus.InsufficientData:
		return wish{hold, ""}
	case notices.Rebalance != nil && now.Sub(*notices.Rebalance) < expires:
		return wish{rebalance, checks.Rebalance}
	default:
		return wish{nothing, ""}
	}
}

// drainReason is the gravest finding whose action drains.
func drainReason(verdict health.Judgement) string {
	for _, standing := range verdict.Findings {
		if standing.Action.Drains() {
			return standing.Reason
		}
	}
	return verdict.Reason
}

// would says what protect mode would do.
func (w wish) would() string {
	switch w.kind {
	case spot:
		return "set the container instance to DRAINING at once"
	case sick:
		return fmt.Sprintf("for %s: take a place of the breaker, set the container instance to DRAINING, then the instance to Unhealthy", w.reason)
	case rebalance:
		return "if the controller has spare capacity: take a place of the breaker, set the container instance to DRAINING, then the instance to Unhealthy"
	default:
		return ""
	}
}
