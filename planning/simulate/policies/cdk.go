package policies

import (
	"time"

	"tandem/planning/simulate"
)

// QueueProcessing is what the CDK's QueueProcessingEc2Service sets up by
// default (aws-cdk-lib 2.270.0, aws-ecs-patterns/lib/base/queue-processing-service-base,
// 2026-11-24): steps of the visible messages (none: one task less, from 100:
// one more, from 500: five more), target tracking of the CPU at 50 %, a cooldown
// of 300 seconds, a minimum of one task. Its own maximum of twice the minimum is
// raised to that of the comparison.
//
// It never leaves zero: started there, no step below 100 messages and no CPU
// would wake it. Hence the minimum of one.
type QueueProcessing struct {
	service
	cpu    tracking
	scaled time.Time
	slots  int
}

const cooldown = 300 * time.Second

// NewQueueProcessing with tasks of so many slots on spot or on-demand instances.
func NewQueueProcessing(spot bool, maximum, slots int) *QueueProcessing {
	return &QueueProcessing{service: service{Spot: spot, Minimum: 1, Maximum: maximum, desired: 1}, cpu: tracking{target: 50}, slots: slots}
}

// Decide implements simulate.Policy. A busy task is taken to use all of its
// CPU, which is generous: most GPU work does not, and then nothing scales out
// before 100 messages wait.
func (q *QueueProcessing) Decide(view *simulate.View) simulate.Target {
	if !q.cpu.minute(view.At) {
		return q.target()
	}
	worker := &view.Workers[0]
	used := 0.0
	if running := worker.Spot.Running + worker.OnDemand.Running; running > 0 {
		used = min(100, 100*float64(worker.Running)/float64(running*q.slots))
	}
	byCPU := q.cpu.next(q.desired, used)
	bySteps := q.desired
	switch {
	case worker.Waiting >= 500:
		bySteps += 5
	case worker.Waiting >= 100:
		bySteps++
	case worker.Waiting == 0:
		bySteps--
	}
	next := max(byCPU, bySteps)
	// A task less by one policy is none where the other wants to stay.
	if byCPU == q.desired && q.cpu.below == 0 {
		next = max(next, q.desired)
	}
	if next != q.desired && (q.scaled.IsZero() || view.At.Sub(q.scaled) >= cooldown) {
		q.scaled = view.At
		q.set(next)
	}
	return q.target()
}
