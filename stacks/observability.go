package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"tandem/constructs/observability"
)

// Observability is what people look at, and what calls them.
type Observability struct {
	Stack awscdk.Stack
	Watch *observability.Observability
}

func newObservability(app awscdk.App, p *Props, d *Deployment) *Observability {
	c := p.Config
	s := statistics{minute: observability.Minute()}
	props := &observability.Props{
		Dashboards: isTrue(c.Observability.Dashboards),
		Alarms:     isTrue(c.Observability.Alarms),
		Email:      c.Observability.Email,
		Tiers:      []observability.Tier{requestTier(s, p, d)},
	}
	if d.Workers != nil {
		props.Tiers = append(props.Tiers, jobsTier(s, p, d), waitingTier(s, d))
	}
	if d.Compute != nil && d.Compute.Agent != nil {
		props.Tiers = append(props.Tiers, gpusTier(s, d))
	}
	if d.Services != nil {
		props.Tiers = append(props.Tiers, modelsTier(s, d))
	}
	if len(d.API.Documents) > 0 {
		props.Tiers = append(props.Tiers, eventsTier(s, d))
	}
	if c.Budget.MonthlyUSD > 0 {
		props.Budget = &observability.Budget{
			MonthlyUSD: c.Budget.MonthlyUSD, AlertsAt: c.Budget.AlertsAt, Email: c.Budget.Email,
			Tags: map[string]string{"application": c.Name, "environment": p.Environment},
		}
	}
	if !props.Dashboards && !props.Alarms && props.Budget == nil {
		return nil
	}
	stack := p.newStack(app, "Observability", tierShared, "Dashboards, alarms and the budget")
	return &Observability{Stack: stack, Watch: observability.New(stack, "Watch", props)}
}

// requestTier watches the door.
func requestTier(s statistics, p *Props, d *Deployment) observability.Tier {
	api := d.API.API
	tier := observability.Tier{
		ID: "Request",
		Graphs: []observability.Graph{
			{Title: "Requests and errors", Metrics: metrics(api.MetricCount(s.sum()), api.MetricClientErrors(s.sum()), api.MetricServerErrors(s.sum()))},
			{Title: "Latency", Metrics: metrics(api.MetricLatency(s.statistic("p50")), api.MetricLatency(s.statistic("p99")))},
			{Title: "Jobs function", Metrics: metrics(d.API.Jobs.MetricInvocations(s.sum()), d.API.Jobs.MetricErrors(s.sum()), d.API.Jobs.MetricThrottles(s.sum())),
				Right: metrics(d.API.Jobs.MetricDuration(s.statistic("p99")))},
		},
		Alarms: []observability.Alarm{
			{ID: "ServerErrors", Description: "The API answers 5xx. Look at the errors in the log groups of the Api stack.",
				Metric: api.MetricServerErrors(s.sum()), Above: 5, Periods: 3},
			{ID: "Throttled", Description: "Lambda refuses invocations for want of concurrency. Ask for more or lower api.throttle.",
				Metric: d.API.Jobs.MetricThrottles(s.sum()), Periods: 3},
		},
	}
	if d.API.Models != nil {
		tier.Graphs = append(tier.Graphs, observability.Graph{Title: "Models function",
			Metrics: metrics(d.API.Models.MetricInvocations(s.sum()), d.API.Models.MetricErrors(s.sum()), d.API.Models.MetricThrottles(s.sum())),
			Right:   metrics(d.API.Models.MetricDuration(s.statistic("p99")))})
		tier.Graphs = append(tier.Graphs, spendGraphs(s, p, d)...)
	}
	if d.API.Authorizer != nil {
		tier.Alarms = append(tier.Alarms, observability.Alarm{ID: "AuthorizerFails",
			Description: "The authorizer fails, so nobody gets in. Look at its log group.",
			Metric:      d.API.Authorizer.MetricErrors(s.sum()), Periods: 2})
	}
	return tier
}

// jobsTier watches queues and the programs that keep them honest.
func jobsTier(s statistics, p *Props, d *Deployment) observability.Tier {
	janitors := d.Workers.Janitors
	tier := observability.Tier{
		ID: "Jobs",
		Graphs: []observability.Graph{
			{Title: "Controller, sweeper and courier", Metrics: metrics(janitors.Controller.Function().MetricErrors(s.sum()),
				janitors.Sweeper.MetricErrors(s.sum()), janitors.Courier.MetricErrors(s.sum()))},
			{Title: "Webhooks waiting", Metrics: metrics(d.Workers.Webhooks.MetricVisible(s.maximum())), Right: metrics(d.Workers.Webhooks.MetricOldest(s.maximum()))},
		},
		Alarms: []observability.Alarm{
			{ID: "ControllerFails", Description: "Capacity decisions fail: the fleet neither grows nor shrinks. Look at the controller's log group.",
				Metric: janitors.Controller.Function().MetricErrors(s.sum()), Periods: 3},
			{ID: "SweeperFails", Description: "Stranded jobs are not found. Look at the sweeper's log group.",
				Metric: janitors.Sweeper.MetricErrors(s.sum()), Periods: 5},
			{ID: "WebhooksLate", Description: "Webhooks wait longer than a quarter of an hour for their first delivery. Look at the courier's log group.",
				Metric: d.Workers.Webhooks.MetricOldest(s.maximum()), Above: 900, Periods: 5},
		},
	}
	for _, name := range sorted(d.Compute.Groups) {
		group := d.Compute.Groups[name]
		tier.Graphs = append(tier.Graphs, observability.Graph{Title: name + ": instances wanted and in service",
			Metrics: metrics(append(group.MetricDesired(nil), group.MetricInService(nil)...)...)})
	}
	for _, name := range sorted(d.Workers.Workers) {
		queues := d.Workers.Workers[name].Queues
		var waiting, oldest, inFlight []awscloudwatch.IMetric
		for _, priority := range sorted(queues) {
			waiting = append(waiting, queues[priority].MetricVisible(s.labelled(priority)))
			inFlight = append(inFlight, queues[priority].MetricInFlight(s.labelled(priority+" running")))
			oldest = append(oldest, queues[priority].MetricOldest(s.labelled(priority)))
			tier.Alarms = append(tier.Alarms, observability.Alarm{
				ID:          ConstructID(name) + ConstructID(priority) + "Unreadable",
				Description: "The dead-letter queue of " + name + " (" + priority + ") holds messages that no program could read.",
				Metric:      queues[priority].MetricDeadLetters(s.maximum()),
			})
			if priority != "low" {
				tier.Alarms = append(tier.Alarms, observability.Alarm{
					ID:          ConstructID(name) + ConstructID(priority) + "Waits",
					Description: "A job of " + name + " (" + priority + ") waits longer than observability.oldestJob. The Waiting dashboard tells at which stage.",
					Metric:      queues[priority].MetricOldest(s.maximum()), Above: p.Config.Observability.OldestJob.Seconds(), Periods: 3,
				})
			}
		}
		tasks := d.Workers.Workers[name].Tasks
		tier.Graphs = append(tier.Graphs,
			observability.Graph{Title: name + ": waiting and running", Metrics: append(waiting, inFlight...)},
			observability.Graph{Title: name + ": age of the oldest", Metrics: oldest},
			observability.Graph{Title: name + ": tasks wanted and running, spot and on-demand",
				Metrics: metrics(append(tasks.MetricDesired(nil), tasks.MetricRunning(nil)...)...)})
	}
	return tier
}

// eventsTier watches document triggers.
func eventsTier(s statistics, d *Deployment) observability.Tier {
	tier := observability.Tier{ID: "Events"}
	for _, name := range sorted(d.API.Documents) {
		trigger := d.API.Documents[name]
		tier.Graphs = append(tier.Graphs, observability.Graph{
			Title:   name,
			Metrics: metrics(trigger.Function().MetricInvocations(s.sum()), trigger.Function().MetricErrors(s.sum())),
			Right:   metrics(trigger.Function().MetricDuration(s.statistic("p99"))),
		})
		tier.Alarms = append(tier.Alarms, observability.Alarm{
			ID:          ConstructID(name) + "Lost",
			Description: "Uploads of " + name + " never reached their function. The events are in the trigger's queue of failures.",
			Metric:      trigger.Failures().MetricVisible(s.maximum()),
		}, observability.Alarm{
			ID:          ConstructID(name) + "Fails",
			Description: "The analysis of " + name + " fails. Look at the function's log group.",
			Metric:      trigger.Function().MetricErrors(s.sum()), Periods: 3,
		})
	}
	return tier
}

// statistics are by the minute. Each duration is a call of jsii, and there are
// about a hundred metrics: they share one.
type statistics struct{ minute awscdk.Duration }

func (s statistics) sum() *awscloudwatch.MetricOptions     { return s.statistic("Sum") }
func (s statistics) maximum() *awscloudwatch.MetricOptions { return s.statistic("Maximum") }

func (s statistics) statistic(name string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: &name, Period: s.minute}
}

func (s statistics) labelled(label string) *awscloudwatch.MetricOptions {
	options := s.maximum()
	options.Label = &label
	return options
}

func metrics(all ...awscloudwatch.Metric) []awscloudwatch.IMetric {
	var list []awscloudwatch.IMetric
	for _, metric := range all {
		list = append(list, metric)
	}
	return list
}
