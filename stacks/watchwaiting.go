package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/observability"
	"tandem/runtime/settings"
)

// waitingTier answers why a job waits: a graph for each stage from the queue to
// a task that runs, what holds it up, and the controller's own words.
func waitingTier(s statistics, d *Deployment) observability.Tier {
	controller := d.Workers.Janitors.Controller
	stage := func(name string) []awscloudwatch.IMetric {
		return metrics(controller.Metric(name, s.statistic("p50")), controller.Metric(name, s.maximum()))
	}
	var waiting, oldest, running []awscloudwatch.IMetric
	for _, name := range sorted(d.Workers.Workers) {
		worker := d.Workers.Workers[name]
		for _, priority := range sorted(worker.Queues) {
			waiting = append(waiting, worker.Queues[priority].MetricVisible(s.labelled(name+" "+priority)))
			oldest = append(oldest, worker.Queues[priority].MetricOldest(s.labelled(name+" "+priority)))
		}
		running = append(running, metrics(worker.Tasks.MetricRunning(nil)...)...)
	}
	return observability.Tier{
		ID: "Waiting",
		Graphs: []observability.Graph{
			{Title: "1 Queue: jobs that wait", Metrics: waiting},
			{Title: "1 Queue: age of the oldest, seconds", Metrics: oldest},
			{Title: "2 Wake: seconds from a submit at zero to the new count", Metrics: stage(settings.MetricWakeSeconds)},
			{Title: "3 Instance: seconds until there was one", Metrics: stage(settings.MetricInstanceSeconds)},
			{Title: "4 Image pull, seconds", Metrics: stage(settings.MetricPullSeconds)},
			{Title: "5 Weights and start, seconds", Metrics: stage(settings.MetricStartSeconds)},
			{Title: "6 Running tasks", Metrics: running},
			{Title: "What holds it up", Metrics: metrics(controller.Metric(settings.MetricLimitedWorkers, s.maximum()),
				controller.Metric(settings.MetricLaunchFailures, s.sum()), controller.Metric(settings.MetricInterruptions, s.sum()))},
			{Title: "On-demand stands in for spot, and target waits missed, seconds", Metrics: metrics(
				controller.Metric(settings.MetricFallbackSeconds, s.maximum()), controller.Metric(settings.MetricLateSeconds, s.maximum()))},
		},
		Tables: waitingTables(d),
		Alarms: waitingAlarms(s, d),
	}
}

func waitingTables(d *Deployment) []observability.Table {
	log := d.Workers.Janitors.Controller.Function().LogGroup()
	return []observability.Table{
		{Title: "What was decided last, and why", LogGroup: log, Query: []string{
			`filter msg = "decided" and (waiting > 0 or running > 0 or spot + onDemand > 0)`,
			"sort @timestamp desc", "limit 40",
			"display @timestamp, worker, waiting, running, oldestSeconds, spotRunning, spot, onDemandRunning, onDemand, limited, reason",
		}},
		{Title: "Tasks that started, and how long each stage took", LogGroup: log, Query: []string{
			`filter msg = "task started"`, "sort @timestamp desc", "limit 20",
			"display @timestamp, worker, instanceSeconds, pullSeconds, startSeconds, task",
		}},
		{Title: "Instances that could not be had or were taken back", LogGroup: log, Query: []string{
			`filter msg in ["an instance could not be had", "EC2 takes a spot instance back", "trouble piles up"]`, "sort @timestamp desc", "limit 20",
			"display @timestamp, msg, group, zone, type, reason, instance",
		}},
	}
}

func waitingAlarms(s statistics, d *Deployment) []observability.Alarm {
	controller := d.Workers.Janitors.Controller
	alarms := []observability.Alarm{
		{ID: "TargetMissed", Description: "A job has waited longer than its worker's scale.targetWait. The Waiting dashboard tells at which stage.",
			Metric: controller.Metric(settings.MetricLateSeconds, s.maximum()), Periods: 5},
		{ID: "FallbackLong", Description: "On-demand has stood in for spot for more than an hour. Add instance types or zones to the capacity group, or wait.",
			Metric: controller.Metric(settings.MetricFallbackSeconds, s.maximum()), Above: 3600, Periods: 3},
		{ID: "AtMaximum", Description: "For a quarter of an hour a maximum has kept a worker from what it wants. The Waiting dashboard names it: raise scale.maximum, the group's maximum or capacity.maximumGpus.",
			Metric: controller.Metric(settings.MetricLimitedWorkers, s.maximum()), Periods: 15},
		{ID: "LaunchesFail", Description: "Instances cannot be had. The controller's log tells the reason: VcpuLimitExceeded and MaxSpotInstanceCountExceeded are quotas to have raised, InsufficientInstanceCapacity passes.",
			Metric: controller.Metric(settings.MetricLaunchFailures, &awscloudwatch.MetricOptions{
				Statistic: jsii.String("Sum"), Period: awscdk.Duration_Minutes(jsii.Number(15)),
			}), Above: 3},
	}
	if d.Compute.Agent != nil {
		alarms = append(alarms, observability.Alarm{ID: "SickGPUsStay",
			Description: "Sick GPUs have not been replaced for half an hour: the agents' breaker is open because too many are sick at once, or agent.mode is observe. Look at the agents' log group.",
			Metric:      d.Compute.Agent.MetricImpairedInstances(s.sum()), Periods: 30})
	}
	return alarms
}
