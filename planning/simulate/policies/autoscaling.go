package policies

import (
	"math"
	"time"

	"tandem/planning/simulate"
)

// Application Auto Scaling's target tracking, as far as its alarms tell: three
// minutes above the target scale out, fifteen below nine tenths of it scale in
// (https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
// and the alarms that it makes, 2026-11-24).
type tracking struct {
	target     float64
	above      int
	below      int
	minuteUsed time.Time
}

const (
	minutesToGrow   = 3
	minutesToShrink = 15
	shrinkBelow     = 0.9
)

// minute tells whether a new minute's data point is due.
func (t *tracking) minute(now time.Time) bool {
	if !t.minuteUsed.IsZero() && now.Sub(t.minuteUsed) < time.Minute {
		return false
	}
	t.minuteUsed = now
	return true
}

// next count of tasks by a data point of the metric, a value a task; the same
// where no alarm is on.
func (t *tracking) next(tasks int, metric float64) int {
	switch {
	case metric > t.target:
		t.above, t.below = t.above+1, 0
	case metric < shrinkBelow*t.target:
		t.above, t.below = 0, t.below+1
	default:
		t.above, t.below = 0, 0
	}
	if t.above >= minutesToGrow || t.below >= minutesToShrink {
		return int(math.Ceil(float64(tasks) * metric / t.target))
	}
	return tasks
}

// service is an ECS service of one kind of capacity, from one task on.
type service struct {
	// Spot buys spot instances, else on-demand.
	Spot bool
	// Minimum of at least 1, and Maximum.
	Minimum, Maximum int
	desired          int
}

func (s *service) set(desired int) { s.desired = min(max(desired, s.Minimum), s.Maximum) }

func (s *service) target() simulate.Target {
	if s.Spot {
		return simulate.Target{Spot: s.desired}
	}
	return simulate.Target{OnDemand: s.desired}
}
