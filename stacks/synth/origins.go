package synth

import (
	"maps"
	"slices"
	"strings"

	"tandem/config"
	"tandem/stacks"
	"tandem/stacks/checks"
)

// origins tells which entry of the configuration a construct comes from, by
// the names that the stacks give to constructs, and on which line it is written.
func origins(loaded *config.Loaded) checks.Options {
	prefixes := map[string]string{
		"Network/": "network", "State/": "state", "Api/Api/": "api", "Observability/": "observability",
	}
	c := loaded.Config
	add(prefixes, "Workers/", "workers", c.Workers)
	add(prefixes, "Services/", "services", c.Services)
	add(prefixes, "Compute/", "capacity.groups", c.Capacity.Groups)
	add(prefixes, "Api/Documents", "documents", c.Documents)
	entry := func(constructPath string) string {
		best := ""
		for prefix := range prefixes {
			if strings.HasPrefix(constructPath, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		return prefixes[best]
	}
	line := func(configPath string) string { return loaded.Origin(configPath).String() }
	return checks.Options{
		Entry:     entry,
		KeyOrigin: line,
		Origin: func(constructPath string) string {
			if path := entry(constructPath); path != "" {
				return line(path)
			}
			return ""
		},
	}
}

func add[V any](prefixes map[string]string, stack, key string, entries map[string]V) {
	for name := range entries {
		prefixes[stack+stacks.ConstructID(name)+"/"] = key + "." + name
	}
}

func sortedKeys[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }
