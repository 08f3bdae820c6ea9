package cost

import "strings"

// service: on EC2 the instances are billed, on Fargate each task by its size.
func service(e *estimator, r *Resource) []Item {
	definition := r.target(r.Properties["TaskDefinition"])
	if definition == nil || !usesFargate(r, "FARGATE") && !usesFargate(r, "FARGATE_SPOT") {
		return nil
	}
	var fixed, use float64
	if name := workerOf(definition)["TANDEM_WORKER_NAME"]; name != "" {
		spot, onDemand, _, slots := e.workerServices(name)
		least, jobs := e.fleet.leastHours(name), e.traffic.Jobs[name]
		work := max(0, jobs.Count*jobs.Duration.Seconds()/3600/slots*(1+jobs.overhead())-least.spot-least.onDemand)
		share := jobs.spot()
		if spot == nil || onDemand == nil {
			share = 1
		}
		if r == spot {
			fixed, use = least.spot, work*share
		} else {
			fixed, use = least.onDemand, work
			if spot != nil {
				use = work * (1 - share)
			}
		}
	} else if tasks, found := number(r.Properties, "DesiredCount"); found {
		fixed = tasks * Hours
	}
	architecture := "x86"
	if text(definition.Properties, "RuntimePlatform", "CpuArchitecture") == "ARM64" {
		architecture = "arm"
	}
	cpu := numberOr(0, definition.Properties, "Cpu") / 1024
	memory := numberOr(0, definition.Properties, "Memory") / 1024
	var items []Item
	if fixed > 0 {
		items = append(items,
			e.fixed("vCPU hours", "fargate", "vcpu "+architecture, fixed*cpu),
			e.fixed("GB hours", "fargate", "memory "+architecture, fixed*memory))
	}
	items = append(items,
		e.perUse("vCPU hours", "fargate", "vcpu "+architecture, use*cpu),
		e.perUse("GB hours", "fargate", "memory "+architecture, use*memory))
	if usesFargate(r, "FARGATE_SPOT") {
		for i := range items {
			items[i] = items[i].noting("at the on-demand price: Fargate Spot costs up to 70 %% less")
		}
	}
	return items
}

func usesFargate(r *Resource, provider string) bool {
	if text(r.Properties, "LaunchType") == provider {
		return true
	}
	for _, entry := range list(r.Properties["CapacityProviderStrategy"]) {
		if text(entry, "CapacityProvider") == provider {
			return true
		}
	}
	return false
}

// Metrics that Container Insights reports: of a cluster, and of each service
// that runs tasks. As commonly known; check at
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
const (
	clusterMetrics = 8
	serviceMetrics = 9
)

// cluster: only Container Insights is billed.
func cluster(e *estimator, r *Resource) []Item {
	enabled := false
	for _, setting := range list(r.Properties["ClusterSettings"]) {
		enabled = enabled || text(setting, "Name") == "containerInsights" && !strings.EqualFold(text(setting, "Value"), "disabled")
	}
	if !enabled {
		return nil
	}
	var always, sometimes float64
	for _, s := range e.assembly.ofType("AWS::ECS::Service") {
		if least, found := e.least(s); found && least > 0 {
			always++
		} else {
			sometimes++
		}
	}
	busy := 0.0
	if len(e.traffic.Jobs) > 0 {
		busy = sometimes
	}
	return []Item{
		e.fixed("Container Insights, metrics", "cloudwatch", "custom metric", clusterMetrics+always*serviceMetrics),
		e.perUse("Container Insights of services that run, metrics", "cloudwatch", "custom metric", busy*serviceMetrics).
			noting("at most: a metric is billed by the hour in which it is reported"),
	}
}

func repository(e *estimator, _ *Resource) []Item {
	return []Item{e.perUse("GB-months of images", "ecr", "storage", 0)}
}
