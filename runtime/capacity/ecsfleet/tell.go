package ecsfleet

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
	"tandem/runtime/settings"
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
		settings.MetricInstanceSeconds: pulling.Sub(task.CreatedAt).Seconds(), settings.MetricPullSeconds: pulled.Sub(pulling).Seconds(), settings.MetricStartSeconds: task.StartedAt.Sub(pulled).Seconds(),
	}
	c.options.Log.InfoContext(ctx, "task started", "worker", worker, "task", task.TaskArn, "instanceSeconds", stages[settings.MetricInstanceSeconds],
		"pullSeconds", stages[settings.MetricPullSeconds], "startSeconds", stages[settings.MetricStartSeconds])
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
	c.tell(map[string]float64{settings.MetricWakeSeconds: took.Seconds()})
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
			metrics[settings.MetricFallbackSeconds] = max(metrics[settings.MetricFallbackSeconds], s.observed.At.Sub(since).Seconds())
		}
		if target := c.policy.Workers[decided.Name].TargetWait; target > 0 {
			metrics[settings.MetricLateSeconds] = max(metrics[settings.MetricLateSeconds], (observed.Oldest - target).Seconds())
		}
		if decided.Limited != "" {
			metrics[settings.MetricLimitedWorkers]++
		}
	}
	switch s.fresh {
	case capacity.LaunchFailure:
		metrics[settings.MetricLaunchFailures] = 1
		c.options.Log.WarnContext(ctx, "an instance could not be had", "group", s.trigger.Group, "zone", s.trigger.Zone, "reason", s.trigger.Reason)
	case capacity.Interruption:
		metrics[settings.MetricInterruptions] = 1
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
			"Namespace": settings.CapacityNamespace, "Dimensions": [][]string{{"Application", "Environment"}}, "Metrics": definitions,
		}},
	}
	// Strings and numbers are always written; a metric that is lost is not worth a run.
	raw, _ := json.Marshal(line)
	_, _ = c.options.Metrics.Write(append(raw, '\n'))
}
