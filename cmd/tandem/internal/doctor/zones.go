package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/config"
)

// Offerings tells where instance types are offered.
type Offerings interface {
	// Offerings returns the zones of the region in which each type is offered.
	Offerings(ctx context.Context, types []string) (map[string][]string, error)
}

// zoneCheck compares the groups' types with the zones. Not every zone has every
// type, and zone names mean different places in different accounts.
type zoneCheck struct {
	account Offerings
	config  *config.Config
}

// Name implements Check.
func (zoneCheck) Name() string { return "zones" }

// What implements Check.
func (zoneCheck) What() string { return "the zones offer the GPU instance types" }

// Run implements Check.
func (c zoneCheck) Run(ctx context.Context) ([]Finding, error) {
	groups, zones := usedGroups(c.config), c.config.AWS.Zones
	var types []string
	for _, group := range groups {
		types = append(types, group.InstanceTypes...)
	}
	if len(types) == 0 {
		return one(Skipped, "", "no capacity group is used")
	}
	slices.Sort(types)
	offered, err := c.account.Offerings(ctx, slices.Compact(types))
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		findings = append(findings, judgeGroup(name, groups[name], zones, offered)...)
	}
	return orAllWell(findings, "each type of each group is offered in %s", strings.Join(zones, ", "))
}

func judgeGroup(name string, group config.Group, zones []string, offered map[string][]string) []Finding {
	var empty, missing []string
	for _, zone := range zones {
		if !slices.ContainsFunc(group.InstanceTypes, func(kind string) bool { return slices.Contains(offered[kind], zone) }) {
			empty = append(empty, zone)
		}
	}
	for _, kind := range group.InstanceTypes {
		if !slices.ContainsFunc(zones, func(zone string) bool { return slices.Contains(offered[kind], zone) }) {
			missing = append(missing, kind)
		}
	}
	switch {
	case len(empty) == len(zones):
		return []Finding{finding(Fail, "choose other aws.zones, or other capacity.groups."+name+".instanceTypes",
			"group %s: none of its types is offered in %s", name, strings.Join(zones, ", "))}
	case len(missing) > 0:
		return []Finding{finding(Warn, "choose zones that have it, or take it out of capacity.groups."+name+".instanceTypes",
			"group %s: %s is offered in none of %s", name, strings.Join(missing, ", "), strings.Join(zones, ", "))}
	case len(empty) > 0:
		return []Finding{finding(Warn, "add a type that is offered there, or choose another zone",
			"group %s: nothing of it is offered in %s, so spot has fewer places to come from", name, strings.Join(empty, ", "))}
	default:
		return nil
	}
}
