package stacks

import (
	"tandem/constructs/observability"
	"tandem/runtime/settings"
)

// gpusTier watches the GPUs by what their agents say.
func gpusTier(s statistics, d *Deployment) observability.Tier {
	agent := d.Compute.Agent
	return observability.Tier{
		ID: "Gpus",
		Graphs: []observability.Graph{
			{Title: "Instances: watched, impaired, not to be judged", Metrics: metrics(agent.Metric(settings.MetricWatchedInstances, s.sum()),
				agent.MetricImpairedInstances(s.sum()), agent.MetricBlindInstances(s.sum()))},
			{Title: "GPUs impaired, Xid errors", Metrics: metrics(agent.Metric(settings.MetricImpairedGPUs, s.sum()), agent.Metric(settings.MetricXidErrors, s.sum()))},
			{Title: "Spot notices", Metrics: metrics(agent.Metric(settings.MetricSpotNotices, s.sum()))},
		},
		Alarms: []observability.Alarm{
			// In protect mode an instance is drained and replaced well within that.
			{ID: "Impaired", Description: "A GPU instance has been sick for half an hour. Look at the health agent's log group: it names the instance, the reason and what would cure it.",
				Metric: agent.MetricImpairedInstances(s.sum()), Periods: 30},
			{ID: "Blind", Description: "A health agent cannot judge its GPUs: the driver or its library does not answer. Look at its log group.",
				Metric: agent.MetricBlindInstances(s.sum()), Periods: 15},
		},
	}
}
