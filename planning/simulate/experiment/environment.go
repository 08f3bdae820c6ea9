package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/config"
	"tandem/planning/yamlfile"
)

// fromEnvironment is a scenario with what a worker of an environment has. Where
// the file names a machine of its own, whole, one task has all of it.
func fromEnvironment(folder, environment, worker string, whole bool) (Scenario, error) {
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
	s, err := defaults()
	if err != nil {
		return s, err
	}
	s.Environment, s.Worker, s.Policy = environment, worker, found.Scale
	s.Instance.Type, s.Instance.Region, s.Instance.Slots = group.InstanceTypes[0], loaded.Config.AWS.Region, found.Concurrency
	s.Instance.SpotMaximum, s.Instance.OnDemandMaximum = group.Spot.Maximum, group.OnDemand.Maximum
	if kind, known := config.LookupInstanceType(s.Instance.Type); known && !whole && *found.GPU < kind.GPUs {
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
