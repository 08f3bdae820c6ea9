package stacks

import (
	"tandem/constructs/observability"
)

// modelsTier watches own models.
func modelsTier(s statistics, d *Deployment) observability.Tier {
	tier := observability.Tier{ID: "Models"}
	for _, name := range sorted(d.Services.Services) {
		service := d.Services.Services[name]
		tier.Graphs = append(tier.Graphs,
			observability.Graph{Title: name + ": requests and errors", Metrics: metrics(service.MetricRequests(s.sum()), service.MetricErrors(s.sum()), service.MetricRefused(s.sum()))},
			observability.Graph{Title: name + ": time to the first byte", Metrics: metrics(service.MetricLatency(s.statistic("p50")), service.MetricLatency(s.statistic("p99")))},
			observability.Graph{Title: name + ": tasks", Metrics: metrics(service.MetricHealthy(s.maximum()), service.MetricUnhealthy(s.maximum()))},
		)
		tier.Alarms = append(tier.Alarms,
			observability.Alarm{ID: ConstructID(name) + "Fails", Description: name + " answers 5xx. Look at the service's log group.",
				Metric: service.MetricErrors(s.sum()), Above: 5, Periods: 3},
			observability.Alarm{ID: ConstructID(name) + "Refuses", Description: "Requests to " + name + " find no task. Look at the service's events and at the group's capacity.",
				Metric: service.MetricRefused(s.sum()), Periods: 10},
			observability.Alarm{ID: ConstructID(name) + "Unhealthy", Description: "Tasks of " + name + " do not answer their health check.",
				Metric: service.MetricUnhealthy(s.maximum()), Periods: 15},
		)
	}
	return tier
}
