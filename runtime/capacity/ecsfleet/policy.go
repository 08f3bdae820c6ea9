package ecsfleet

import (
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/settings"
)

func (c *Controller) newPolicy() capacity.Policy {
	policy := capacity.Policy{
		Workers: map[string]capacity.WorkerPolicy{}, Groups: map[string]capacity.GroupPolicy{}, MaximumGPUs: c.options.Fleet.MaximumGPUs,
	}
	for name, worker := range c.options.Fleet.Workers {
		policy.Workers[name] = capacity.WorkerPolicy{
			Group: worker.Group, GPUs: worker.GPUs, Slots: worker.Slots, Minimum: worker.Minimum, Maximum: worker.Maximum,
			OnDemandBase: worker.OnDemandBase, HasSpot: worker.Spot != "", HasOnDemand: worker.OnDemand != "",
			TargetBacklog: worker.TargetBacklog, TargetWait: seconds(worker.TargetWait),
			FallbackAfter: seconds(worker.FallbackAfter), IdleFor: seconds(worker.IdleFor),
			Schedule: c.windows(name, worker.Schedule),
		}
	}
	for name, group := range c.options.Fleet.Groups {
		policy.Groups[name] = capacity.GroupPolicy{GPUs: group.GPUs, SpotMaximum: group.SpotMaximum, OnDemandMaximum: group.OnDemandMaximum, SpotShare: group.SpotShare}
	}
	return policy
}

// windows leaves out what does not parse: the configuration is checked before it
// is deployed, and a fleet without a schedule is better than one that stands still.
func (c *Controller) windows(worker string, windows []settings.FleetWindow) []capacity.Window {
	var all []capacity.Window
	for _, window := range windows {
		read, err := capacity.ReadWindow(window.Days, window.From, window.To, window.TimeZone, window.Minimum)
		if err != nil {
			c.options.Log.Error("a window of the schedule is left out", "worker", worker, "error", err.Error())
			continue
		}
		all = append(all, read)
	}
	return all
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }
