package config

import (
	"fmt"
	"time"
	_ "time/tzdata" // so that a time zone is judged alike on every machine
)

func scaleRules() []rule {
	return []rule{
		{"scale-in-order", "A minimum, an on-demand base and a scheduled minimum are no higher than the maximum.", checkScaleOrder},
		{"scale-fits-group", "A written maximum is no higher than what the group's instances can hold.", checkScaleFits},
		{"on-demand-base-possible", "Who keeps tasks on-demand uses a group with on-demand instances.", checkOnDemandBase},
		{"schedule-window", "A window ends at another time than it begins, in a time zone that exists.", checkWindows},
	}
}

func checkScaleOrder(j *judge) {
	check := func(p path, what string, n, maximum int) {
		if n > maximum {
			j.report(p, fmt.Sprintf("%s %d is above the maximum of %d", what, n, maximum), "", append(p[:2:2], "scale", "maximum"))
		}
	}
	for _, name := range sortedKeys(j.Workers) {
		p, s := at("workers", name, "scale"), j.Workers[name].Scale
		check(p.key("minimum"), "the minimum of", s.Minimum, s.Maximum)
		check(p.key("onDemandBase"), "the on-demand base of", s.OnDemandBase, s.Maximum)
		for i, window := range s.Schedule {
			check(p.key("schedule").index(i).key("minimum"), "the scheduled minimum of", window.Minimum, s.Maximum)
		}
	}
	for _, name := range sortedKeys(j.Services) {
		p, s := at("services", name, "scale"), j.Services[name].Scale
		check(p.key("minimum"), "the minimum of", deref(s.Minimum), s.Maximum)
		if base := p.key("onDemandBase"); j.given(base) {
			check(base, "the on-demand base of", deref(s.OnDemandBase), s.Maximum)
		}
	}
}

func checkScaleFits(j *judge) {
	j.eachContainer(func(p path, c container) {
		maximum := p.key("scale").key("maximum")
		group, ok := j.Capacity.Groups[c.capacity]
		gpus := j.GroupGPUs(c.capacity)
		if !ok || c.gpu == 0 || gpus < c.gpu || !j.given(maximum) {
			return
		}
		instances := deref(group.Spot.Maximum) + deref(group.OnDemand.Maximum)
		if room := instances * (gpus / c.gpu); c.maximum > room {
			j.report(maximum, fmt.Sprintf("up to %d tasks, but group %s has room for %d: %s with %s each",
				c.maximum, c.capacity, room, plural(instances, "instance", "instances"), plural(gpus/c.gpu, "task", "tasks")),
				fmt.Sprintf("lower this, or raise the maximums of capacity.groups.%s", c.capacity),
				at("capacity", "groups", c.capacity), p.key("gpu"), p.key("capacity"))
		}
	})
}

func checkOnDemandBase(j *judge) {
	j.eachContainer(func(p path, c container) {
		group, ok := j.Capacity.Groups[c.capacity]
		if ok && c.onDemandBase > 0 && deref(group.OnDemand.Maximum) == 0 {
			j.report(p.key("scale").key("onDemandBase"),
				fmt.Sprintf("%s is to run on-demand always, but group %s has no on-demand instances", plural(c.onDemandBase, "task", "tasks"), c.capacity),
				fmt.Sprintf("write onDemandBase: 0, or raise capacity.groups.%s.onDemand.maximum", c.capacity),
				at("capacity", "groups", c.capacity, "onDemand"), p.key("capacity"))
		}
	})
}

func checkWindows(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		for i, window := range j.Workers[name].Scale.Schedule {
			p := at("workers", name, "scale", "schedule").index(i)
			if window.From != "" && window.From == window.To {
				j.report(p.key("to"), fmt.Sprintf("the window begins and ends at %s", window.From), "for the whole day write from: \"00:00\", to: \"23:59\"", p.key("from"))
			}
			if _, err := time.LoadLocation(window.TimeZone); err != nil || window.TimeZone == "Local" {
				j.report(p.key("timeZone"), fmt.Sprintf("no time zone is called %q", window.TimeZone), "use an IANA name, such as Europe/Berlin")
			}
		}
	}
}
