package policies

import (
	"time"

	"tandem/planning/simulate"
)

// BacklogPerTask tracks the backlog a task, as AWS recommends
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
// and, for ECS, https://aws.amazon.com/blogs/containers/amazon-elastic-container-service-ecs-auto-scaling-using-custom-metrics/,
// 2026-11-24): the acceptable backlog is the wait that is wanted over the mean
// duration, and a function publishes messages over tasks each minute.
//
// SQS's own metrics lag: they reach CloudWatch a minute late, and up to 15 after
// a queue that was idle for six hours has become active
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html, 2026-11-24).
// With no task there is no backlog a task, hence the minimum of one.
type BacklogPerTask struct {
	service
	tracker tracking
	// wait that is wanted, and the duration that is taken for granted until one is known.
	wait, duration time.Duration
	slots          int
	late           int // the last minute's messages
	active         time.Time
	woke           time.Time
}

const (
	idleAfter = 6 * time.Hour
	idleLag   = 15 * time.Minute
)

// NewBacklogPerTask aims at a wait, with tasks of so many slots.
func NewBacklogPerTask(spot bool, maximum, slots int, wait, duration time.Duration) *BacklogPerTask {
	return &BacklogPerTask{service: service{Spot: spot, Minimum: 1, Maximum: maximum, desired: 1}, wait: wait, duration: duration, slots: slots}
}

// Decide implements simulate.Policy.
func (b *BacklogPerTask) Decide(view *simulate.View) simulate.Target {
	if !b.tracker.minute(view.At) {
		return b.target()
	}
	worker := &view.Workers[0]
	visible := b.late
	b.late = worker.Waiting
	if worker.Waiting+worker.Running > 0 {
		if b.active.IsZero() || view.At.Sub(b.active) >= idleAfter {
			b.woke = view.At
		}
		b.active = view.At
	}
	if view.At.Sub(b.woke) < idleLag {
		visible = 0
	}
	duration := b.duration
	if worker.Duration.Count > 0 {
		duration = worker.Duration.Mean
	}
	// Less than a message a task would keep the fleet growing forever.
	b.tracker.target = max(1, b.wait.Seconds()/duration.Seconds()*float64(b.slots))
	metric := float64(visible) / float64(b.desired)
	next := b.tracker.next(b.desired, metric)
	// In-flight work is not in the metric; the minimum of what is busy is a courtesy.
	if next < b.desired {
		next = max(next, worker.Spot.Busy+worker.OnDemand.Busy)
	}
	b.set(min(next, max(b.desired*2, b.desired+4)))
	return b.target()
}
