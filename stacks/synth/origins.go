package synth

import (
	"strings"

	"tandem/config"
	"tandem/stacks"
)

// origins tells which line of the configuration a construct comes from, by the
// names that the stacks give to constructs. It returns "" for what no single
// entry asked for.
func origins(loaded *config.Loaded) func(constructPath string) string {
	prefixes := map[string]string{
		"Network/": "network", "State/": "state", "Api/Api/": "api", "Observability/": "observability",
	}
	c := loaded.Config
	add(prefixes, "Workers/", "workers", c.Workers)
	add(prefixes, "Services/", "services", c.Services)
	add(prefixes, "Compute/", "capacity.groups", c.Capacity.Groups)
	add(prefixes, "Api/Documents", "documents", c.Documents)
	return func(constructPath string) string {
		best := ""
		for prefix := range prefixes {
			if strings.HasPrefix(constructPath, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		if best == "" {
			return ""
		}
		return loaded.Origin(prefixes[best]).String()
	}
}

func add[V any](prefixes map[string]string, stack, key string, entries map[string]V) {
	for name := range entries {
		prefixes[stack+stacks.ConstructID(name)+"/"] = key + "." + name
	}
}
