package ecsfleet

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/capacity/fleetstate"
)

// Namespace of the metrics. They have two dimensions, Application and
// Environment, and none by worker: each is billed by name and dimensions (0.30
// USD a month, https://aws.amazon.com/cloudwatch/pricing, 2026-11-24), and the
// log tells the workers apart. One that is zero is not written.
const Namespace = "Tandem/Capacity"

// The metrics.
const (
	// FallbackSeconds is how long on-demand has stood in for spot, the longest of all workers.
	FallbackSeconds = "FallbackSeconds"
	// LateSeconds is by how much the longest waiting job is above its worker's target wait.
	LateSeconds = "LateSeconds"
	// LimitedWorkers are workers that a maximum keeps from what they want.
	LimitedWorkers = "LimitedWorkers"
	// LaunchFailures are instances that could not be had, for want of capacity or quota.
	LaunchFailures = "LaunchFailures"
	// Interruptions are spot instances that EC2 takes back.
	Interruptions = "Interruptions"
	// WakeSeconds from a job that met an idle fleet to the services' new count.
	WakeSeconds = "WakeSeconds"
	// InstanceSeconds a started task had waited for its instance.
	InstanceSeconds = "InstanceSeconds"
	// PullSeconds it pulled images.
	PullSeconds = "PullSeconds"
	// StartSeconds from there until it ran: weights, and the model's own start.
	StartSeconds = "StartSeconds"
)

// Stages are the times of a task in an event of ECS
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, 2026-11-24).
type Stages struct {
	TaskArn, Group, LastStatus                         string
	CreatedAt, PullStartedAt, PullStoppedAt, StartedAt time.Time
}

// tellStages logs how long each stage took of a task that has just started.
func (c *Controller) tellStages(ctx context.Context, trigger Trigger) {
	task := trigger.Task
	worker := c.workerOf(strings.TrimPrefix(task.Group, "service:"))
	// ECS tells of a task again whenever something of it changes.
	fresh := trigger.At.Sub(task.StartedAt) < time.Minute
	if worker == "" || task.LastStatus != "RUNNING" || task.StartedAt.IsZero() || !fresh {
		return
	}
	pulled, pulling := task.PullStoppedAt, task.PullStartedAt
	if pulling.IsZero() || pulled.IsZero() {
		pulling, pulled = task.StartedAt, task.StartedAt
	}
	stages := map[string]float64{
		InstanceSeconds: pulling.Sub(task.CreatedAt).Seconds(), PullSeconds: pulled.Sub(pulling).Seconds(), StartSeconds: task.StartedAt.Sub(pulled).Seconds(),
	}
	c.options.Log.InfoContext(ctx, "task started", "worker", worker, "task", task.TaskArn, "instanceSeconds", stages[InstanceSeconds],
		"pullSeconds", stages[PullSeconds], "startSeconds", stages[StartSeconds])
	c.tell(stages)
}

func (c *Controller) workerOf(service string) string {
	for name, worker := range c.options.Fleet.Workers {
		if service != "" && (worker.Spot == service || worker.OnDemand == service) {
			return name
		}
	}
	return ""
}

// tellWake is told once the counts are set.
func (c *Controller) tellWake(ctx context.Context, trigger Trigger) {
	took := c.options.Now().Sub(trigger.At)
	c.options.Log.InfoContext(ctx, "woken", "worker", trigger.Worker, "seconds", took.Seconds())
	c.tell(map[string]float64{WakeSeconds: took.Seconds()})
}

func (c *Controller) tellDecision(ctx context.Context, s *seen, decision capacity.Decision, state fleetstate.State) {
	metrics := map[string]float64{}
	for i, decided := range decision.Workers {
		observed := s.observed.Workers[i]
		c.options.Log.InfoContext(ctx, "decided", "worker", decided.Name, "source", string(s.trigger.Source),
			"waiting", observed.Waiting, "running", observed.Running, "oldestSeconds", observed.Oldest.Seconds(),
			"spot", decided.Spot, "onDemand", decided.OnDemand, "spotBefore", observed.Spot.Desired, "onDemandBefore", observed.OnDemand.Desired,
			"spotRunning", observed.Spot.Running, "onDemandRunning", observed.OnDemand.Running,
			"limited", decided.Limited, "fallback", decided.Fallback, "reason", decided.Reason)
		if since := state.Workers[decided.Name].FallbackSince; !since.IsZero() {
			metrics[FallbackSeconds] = max(metrics[FallbackSeconds], s.observed.At.Sub(since).Seconds())
		}
		if target := c.policy.Workers[decided.Name].TargetWait; target > 0 {
			metrics[LateSeconds] = max(metrics[LateSeconds], (observed.Oldest - target).Seconds())
		}
		if decided.Limited != "" {
			metrics[LimitedWorkers]++
		}
	}
	switch s.fresh {
	case capacity.LaunchFailure:
		metrics[LaunchFailures] = 1
		c.options.Log.WarnContext(ctx, "an instance could not be had", "group", s.trigger.Group, "zone", s.trigger.Zone, "reason", s.trigger.Reason)
	case capacity.Interruption:
		metrics[Interruptions] = 1
		c.options.Log.WarnContext(ctx, "EC2 takes a spot instance back", "instance", s.trigger.Instance)
	}
	for _, avoid := range decision.Avoid {
		c.options.Log.WarnContext(ctx, "trouble piles up", "group", avoid.Group, "zone", avoid.Zone, "type", avoid.Type, "until", avoid.Until, "reason", avoid.Reason)
	}
	c.tell(metrics)
}

// tell writes metrics for CloudWatch
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html, 2026-11-24).
func (c *Controller) tell(metrics map[string]float64) {
	type definition struct{ Name, Unit string }
	line := map[string]any{"Application": c.options.Release.Application, "Environment": c.options.Release.Environment}
	var definitions []definition
	for name, value := range metrics {
		if value <= 0 {
			continue
		}
		unit := "Count"
		if strings.HasSuffix(name, "Seconds") {
			unit = "Seconds"
		}
		definitions = append(definitions, definition{name, unit})
		line[name] = value
	}
	if len(definitions) == 0 {
		return
	}
	line["_aws"] = map[string]any{
		"Timestamp": c.options.Now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": Namespace, "Dimensions": [][]string{{"Application", "Environment"}}, "Metrics": definitions,
		}},
	}
	// Strings and numbers are always written; a metric that is lost is not worth a run.
	raw, _ := json.Marshal(line)
	_, _ = c.options.Metrics.Write(append(raw, '\n'))
}
