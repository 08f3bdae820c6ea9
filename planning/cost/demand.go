package cost

import (
	"slices"
	"strings"
)

// demand is how many instance hours a month a group runs, and for which tiers.
type demand struct {
	fixed, use float64
	tiers      map[string]bool
}

// instances works out how long each Auto Scaling group's instances run: for
// the least tasks of services and workers always, for the rest by traffic.
func (e *estimator) instances() map[*Resource]demand {
	all := map[*Resource]demand{}
	add := func(group *Resource, tier string, gpus, fixed, use float64) {
		if group == nil {
			return
		}
		holds := perInstance(group, gpus)
		d := all[group]
		if d.tiers == nil {
			d.tiers = map[string]bool{}
		}
		d.tiers[tier] = true
		all[group] = demand{d.fixed + fixed/holds, d.use + use/holds, d.tiers}
	}
	for _, s := range e.assembly.ofType("AWS::ECS::Service") {
		least, found := e.least(s)
		if !found {
			continue
		}
		more := max(0, e.traffic.Services[e.serviceName(s)].Tasks-least)
		for _, part := range strategy(s, least) {
			add(part.group, "models", e.gpus(s), part.tasks*Hours, part.weight*more*Hours)
		}
	}
	for _, name := range e.assembly.workers() {
		spot, onDemand, gpus, slots := e.workerServices(name)
		least := e.fleet.leastHours(name)
		jobs := e.traffic.Jobs[name]
		work := max(0, jobs.Count*jobs.Duration.Seconds()/3600/slots*(1+jobs.overhead())-least.spot-least.onDemand)
		share := jobs.spot()
		switch {
		case spot == nil:
			share = 0
		case onDemand == nil:
			share = 1
		}
		add(groupOf(spot), "jobs", gpus, least.spot, work*share)
		add(groupOf(onDemand), "jobs", gpus, least.onDemand, work*(1-share))
	}
	return all
}

// tier of a resource; that of a group is the tier that alone runs on it.
func (e *estimator) tier(r *Resource) string {
	if tiers := e.demand[r].tiers; len(tiers) == 1 {
		for tier := range tiers {
			return tier
		}
	}
	return r.Tier()
}

// least is the fewest tasks of a service that scales by target tracking.
func (e *estimator) least(s *Resource) (float64, bool) {
	for _, target := range e.assembly.ofType("AWS::ApplicationAutoScaling::ScalableTarget") {
		if target.mentions(target.Properties["ResourceId"], s) {
			return numberOr(0, target.Properties, "MinCapacity"), true
		}
	}
	return 0, false
}

type part struct {
	group         *Resource
	tasks, weight float64
}

// strategy spreads tasks over capacity providers as ECS does: bases first,
// the rest by weight.
func strategy(s *Resource, tasks float64) []part {
	var parts []part
	var weights float64
	for _, provider := range list(s.Properties["CapacityProviderStrategy"]) {
		p := part{group: providerGroup(s, at(provider, "CapacityProvider")), weight: numberOr(0, provider, "Weight")}
		p.tasks = min(tasks, numberOr(0, provider, "Base"))
		tasks -= p.tasks
		weights += p.weight
		parts = append(parts, p)
	}
	for i := range parts {
		if weights > 0 {
			parts[i].weight /= weights
			parts[i].tasks += tasks * parts[i].weight
		}
	}
	return parts
}

func groupOf(s *Resource) *Resource {
	if s == nil {
		return nil
	}
	for _, provider := range list(s.Properties["CapacityProviderStrategy"]) {
		if group := providerGroup(s, at(provider, "CapacityProvider")); group != nil {
			return group
		}
	}
	return nil
}

func providerGroup(s *Resource, reference any) *Resource {
	provider := s.target(reference)
	if provider == nil || provider.Type != "AWS::ECS::CapacityProvider" {
		return nil
	}
	return provider.target(at(provider.Properties, "AutoScalingGroupProvider", "AutoScalingGroupArn"))
}

// gpus that a task of a service reserves.
func (e *estimator) gpus(s *Resource) float64 {
	definition := s.target(s.Properties["TaskDefinition"])
	if definition == nil {
		return 0
	}
	var sum float64
	for _, container := range list(definition.Properties["ContainerDefinitions"]) {
		for _, requirement := range list(at(container, "ResourceRequirements")) {
			if text(requirement, "Type") == "GPU" {
				sum += numberOr(0, requirement, "Value")
			}
		}
	}
	return sum
}

// worker is the environment of the container in a task that works for a worker.
func workerOf(definition *Resource) map[string]string {
	if definition == nil {
		return nil
	}
	for _, container := range list(definition.Properties["ContainerDefinitions"]) {
		if values := environment(container); values["TANDEM_WORKER_NAME"] != "" {
			return values
		}
	}
	return nil
}

// workerServices are the services of a worker, and what one task is.
func (e *estimator) workerServices(name string) (spot, onDemand *Resource, gpus, slots float64) {
	slots = 1
	for _, s := range e.assembly.ofType("AWS::ECS::Service") {
		values := workerOf(s.target(s.Properties["TaskDefinition"]))
		if values["TANDEM_WORKER_NAME"] != name {
			continue
		}
		gpus = e.gpus(s)
		slots = max(1, numberOr(1, values["TANDEM_WORKER_CONCURRENCY"]))
		if group := groupOf(s); group != nil && isSpot(group) || usesFargate(s, "FARGATE_SPOT") {
			spot = s
		} else {
			onDemand = s
		}
	}
	return spot, onDemand, gpus, slots
}

// workers of the assembly by name.
func (a *Assembly) workers() []string {
	var names []string
	for _, definition := range a.ofType("AWS::ECS::TaskDefinition") {
		if name := workerOf(definition)["TANDEM_WORKER_NAME"]; name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// services of the assembly that serve a model, as their logical ids have them.
func (a *Assembly) services() []string {
	var names []string
	for _, s := range a.ofType("AWS::ECS::Service") {
		if name, _, found := strings.Cut(s.ID, "Service"); found && s.Tier() == "models" {
			names = append(names, name)
		}
	}
	return names
}

// serviceName is the name in the traffic file that a service goes by.
func (e *estimator) serviceName(s *Resource) string {
	for name := range e.traffic.Services {
		if strings.HasPrefix(s.ID, pascal(name)+"Service") {
			return name
		}
	}
	return ""
}
