package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/config"
	"tandem/planning/yamlfile"
)

// fromEnvironment is a scenario with what a worker of an environment has.
func fromEnvironment(folder, environment, worker string) (Scenario, error) {
	loaded, err := config.Load(config.Options{Dir: folder, Environment: environment, SetFlag: "--set "})
	if err != nil {
		return Scenario{}, fmt.Errorf("reading environment %s: %w", environment, err)
	}
	found, ok := loaded.Config.Workers[worker]
	if !ok {
		names := slices.Sorted(maps.Keys(loaded.Config.Workers))
		if near := yamlfile.Nearest(worker, names); near != "" {
			return Scenario{}, fmt.Errorf("environment %s has no worker %q; did you mean %q?", environment, worker, near)
		}
		return Scenario{}, fmt.Errorf("environment %s has no worker %q; it has %s", environment, worker, strings.Join(names, ", "))
	}
	group, ok := loaded.Config.Capacity.Groups[found.Capacity]
	if !ok || found.GPU == nil || *found.GPU == 0 {
		return Scenario{}, fmt.Errorf("worker %q of environment %s runs on Fargate; only workers on GPU instances are simulated", worker, environment)
	}
	s := Scenario{Environment: environment, Worker: worker, Policy: found.Scale}
	s.Instance = Instance{Type: group.InstanceTypes[0], Region: loaded.Config.AWS.Region, Slots: found.Concurrency,
		SpotMaximum: group.Spot.Maximum, OnDemandMaximum: group.OnDemand.Maximum}
	if kind, known := config.LookupInstanceType(s.Instance.Type); known && *found.GPU < kind.GPUs {
		s.Instance.part = float64(*found.GPU) / float64(kind.GPUs)
		// So many tasks share an instance.
		s.Instance.SpotMaximum = shared(group.Spot.Maximum, kind.GPUs / *found.GPU)
		s.Instance.OnDemandMaximum = shared(group.OnDemand.Maximum, kind.GPUs / *found.GPU)
	}
	return s, nil
}

func shared(maximum *int, tasks int) *int {
	if maximum == nil {
		return nil
	}
	all := *maximum * tasks
	return &all
}
