package doctor

import "tandem/config"

// usedGroups are the capacity groups that a worker or service runs on; others
// are not deployed.
func usedGroups(c *config.Config) map[string]config.Group {
	used := map[string]config.Group{}
	add := func(name string) {
		if group, found := c.Capacity.Groups[name]; found {
			used[name] = group
		}
	}
	for _, worker := range c.Workers {
		if worker.GPU != nil && *worker.GPU > 0 {
			add(worker.Capacity)
		}
	}
	for _, service := range c.Services {
		add(service.Capacity)
	}
	return used
}
