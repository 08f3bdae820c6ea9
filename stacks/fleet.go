package stacks

import (
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"tandem/config"
	"tandem/runtime/settings"
)

// fleet tells the capacity controller what it may scale, and within which bounds.
func (p *Props) fleet(w *Workers, compute *Compute) settings.Fleet {
	fleet := settings.Fleet{
		Workers:     map[string]settings.FleetWorker{},
		Groups:      map[string]settings.FleetGroup{},
		MaximumGPUs: p.Config.Capacity.MaximumGPUs,
	}
	for name, worker := range w.Workers {
		c := p.Config.Workers[name]
		fleet.Workers[name] = settings.FleetWorker{
			Spot:          serviceName(worker.Tasks.SpotService()),
			OnDemand:      serviceName(worker.Tasks.OnDemandService()),
			Group:         c.Capacity,
			GPUs:          p.Config.WorkerResources(name).GPU,
			Slots:         c.Concurrency,
			Minimum:       c.Scale.Minimum,
			Maximum:       c.Scale.Maximum,
			OnDemandBase:  c.Scale.OnDemandBase,
			TargetBacklog: c.Scale.TargetBacklog,
			TargetWait:    c.Scale.TargetWait.Seconds(),
			FallbackAfter: c.Scale.FallbackAfter.Seconds(),
			IdleFor:       c.Scale.IdleFor.Seconds(),
			DeployDrain:   c.DeployDrain.Seconds(),
			Schedule:      windows(c.Scale.Schedule),
		}
		if group, found := compute.Groups[c.Capacity]; found {
			bounds := p.Config.Capacity.Groups[c.Capacity]
			fleet.Groups[c.Capacity] = settings.FleetGroup{
				Spot:            groupName(group.SpotGroup()),
				OnDemand:        groupName(group.OnDemandGroup()),
				GPUs:            p.Config.GroupGPUs(c.Capacity),
				SpotMaximum:     number(bounds.Spot.Maximum),
				OnDemandMaximum: number(bounds.OnDemand.Maximum),
				SpotShare:       p.spotShare(bounds.InstanceTypes),
			}
		}
	}
	return fleet
}

// spotShare is what spot costs beside on-demand, on average over the types whose
// prices are known, to a hundredth: a price that moves a little is no deploy.
func (p *Props) spotShare(types []string) float64 {
	if p.InstanceUSD == nil {
		return 0
	}
	sum, known := 0.0, 0.0
	for _, name := range types {
		if spot, onDemand := p.InstanceUSD(p.Config.AWS.Region, name); spot > 0 && onDemand > 0 {
			sum, known = sum+spot/onDemand, known+1
		}
	}
	return math.Round(100*sum/max(known, 1)) / 100
}

func windows(schedule []config.Window) []settings.FleetWindow {
	var all []settings.FleetWindow
	for _, w := range schedule {
		all = append(all, settings.FleetWindow{Days: w.Days, From: w.From, To: w.To, TimeZone: w.TimeZone, Minimum: w.Minimum})
	}
	return all
}

func serviceName(service awsecs.IBaseService) string {
	if service == nil {
		return ""
	}
	return *service.ServiceName()
}

func groupName(group awsautoscaling.IAutoScalingGroup) string {
	if group == nil {
		return ""
	}
	return *group.AutoScalingGroupName()
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
