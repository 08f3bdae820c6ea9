package cost

import (
	"fmt"
	"slices"
	"strings"

	"tandem/config"
	"tandem/prices"
)

// instance that stands by itself, such as a NAT instance: with its volumes and
// the public address that it is given.
func instance(e *estimator, r *Resource) []Item {
	kind := text(r.Properties, "InstanceType")
	price, err := e.table.OnDemand(e.assembly.Region, kind)
	items := []Item{e.item(kind+" on demand, hours", price, err, Hours, false)}
	items = append(items, e.volumes(at(r.Properties, "BlockDeviceMappings"), 1, false)...)
	return append(items, e.fixed("public IPv4 address, hours", "vpc", "public IPv4 address", Hours).noting("its subnet gives it one"))
}

// volumes of so many instances that run the whole month.
func (e *estimator) volumes(mappings any, instances float64, perUse bool) []Item {
	add := e.fixed
	if perUse {
		add = e.perUse
	}
	var items []Item
	for _, mapping := range list(mappings) {
		size, found := number(mapping, "Ebs", "VolumeSize")
		if !found {
			continue
		}
		items = append(items, add(fmt.Sprintf("gp3 volume of %.0f GB, GB-months", size), "ebs", "gp3", size*instances))
		if above := numberOr(125, mapping, "Ebs", "Throughput") - 125; above > 0 {
			items = append(items, add("throughput above 125 MiB/s", "ebs", "gp3 throughput", above*instances))
		}
		if above := numberOr(3000, mapping, "Ebs", "Iops") - 3000; above > 0 {
			items = append(items, add("IOPS above 3000", "ebs", "gp3 IOPS", above*instances))
		}
	}
	return items
}

// autoScalingGroup of GPU instances: what always runs is fixed, what jobs and
// requests start is per use.
func autoScalingGroup(e *estimator, r *Resource) []Item {
	name, price, note, err := e.groupPrice(r)
	hours := e.demand[r]
	template := r.target(at(r.Properties, "MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification", "LaunchTemplateId"))
	var items []Item
	for _, part := range []struct {
		hours  float64
		perUse bool
	}{{hours.fixed + numberOr(0, r.Properties, "MinSize")*Hours, false}, {hours.use, true}} {
		if part.hours == 0 && !part.perUse {
			continue
		}
		items = append(items, e.item(name+", hours", price, err, part.hours, part.perUse).noting("%s", note))
		if template != nil {
			items = append(items, e.volumes(at(template.Properties, "LaunchTemplateData", "BlockDeviceMappings"), part.hours/Hours, part.perUse)...)
		}
	}
	return items
}

// groupPrice of an instance in a group. On demand it is the first type, which
// is preferred; on spot AWS chooses by price and capacity, so it is the mean of
// all types that have a price.
func (e *estimator) groupPrice(r *Resource) (name string, price prices.Price, note string, err error) {
	types := groupTypes(r)
	if len(types) == 0 {
		return "", prices.Price{}, "", fmt.Errorf("%s names no instance types", r.Name())
	}
	if !isSpot(r) {
		price, err = e.table.OnDemand(e.assembly.Region, types[0])
		return types[0] + " on demand", price, "", err
	}
	var all []float64
	for _, kind := range types {
		one, oneErr := e.table.SpotPrice(e.assembly.Region, kind)
		if oneErr != nil {
			err = oneErr
			continue
		}
		price = one
		all = append(all, one.USD)
	}
	if len(all) == 0 {
		return "", prices.Price{}, "", err
	}
	price.USD = 0
	for _, one := range all {
		price.USD += one / float64(len(all))
	}
	note = fmt.Sprintf("mean of %s, %.2f to %.2f USD", strings.Join(types, ", "), slices.Min(all), slices.Max(all))
	return "spot", price, note, nil
}

func groupTypes(r *Resource) []string {
	var types []string
	for _, override := range list(at(r.Properties, "MixedInstancesPolicy", "LaunchTemplate", "Overrides")) {
		if kind := text(override, "InstanceType"); kind != "" {
			types = append(types, kind)
		}
	}
	return types
}

func isSpot(r *Resource) bool {
	share, found := number(r.Properties, "MixedInstancesPolicy", "InstancesDistribution", "OnDemandPercentageAboveBaseCapacity")
	return found && share == 0
}

// perInstance is how many tasks with so many GPUs an instance of a group holds.
func perInstance(group *Resource, gpus float64) float64 {
	types := groupTypes(group)
	if len(types) == 0 || gpus <= 0 {
		return 1
	}
	kind, found := config.LookupInstanceType(types[0])
	if !found || kind.GPUs == 0 {
		return 1
	}
	return max(1, float64(int(float64(kind.GPUs)/gpus)))
}
