package ecsfleet

import (
	"fmt"
	"slices"
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
		parsed, err := parse(window)
		if err != nil {
			c.options.Log.Error("a window of the schedule is left out", "worker", worker, "error", err.Error())
			continue
		}
		all = append(all, parsed)
	}
	return all
}

func parse(window settings.FleetWindow) (capacity.Window, error) {
	// In time.Weekday's order.
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	parsed := capacity.Window{Minimum: window.Minimum}
	for _, name := range window.Days {
		day := slices.Index(days, name)
		if day < 0 {
			return parsed, fmt.Errorf("reading a schedule: unknown day %q", name)
		}
		parsed.Days = append(parsed.Days, time.Weekday(day))
	}
	var err error
	if parsed.From, err = clock(window.From); err != nil {
		return parsed, err
	}
	if parsed.To, err = clock(window.To); err != nil {
		return parsed, err
	}
	if parsed.Location, err = time.LoadLocation(window.TimeZone); err != nil {
		return parsed, fmt.Errorf("reading a schedule: %w", err)
	}
	return parsed, nil
}

func clock(text string) (time.Duration, error) {
	moment, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("reading a schedule: %w", err)
	}
	return time.Duration(moment.Hour())*time.Hour + time.Duration(moment.Minute())*time.Minute, nil
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }
