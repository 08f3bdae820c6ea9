package config

import "fmt"

func groupRules() []rule {
	return []rule{
		{"instance-type-known", "Instance types are GPU types of config/instances.csv.", checkInstanceTypes},
		{"instance-type-amd64", "Images are linux/amd64, so Graviton types are out.", checkInstanceArchitecture},
		{"instance-type-whole-gpu", "ECS reserves whole GPUs, so types with a fraction of one are out.", checkInstanceGPU},
		{"group-equal-gpus", "All types of a group have the same number of GPUs.", checkEqualGPUs},
		{"group-buys-something", "A group has spot or on-demand instances.", checkPurchases},
		{"reservation-on-demand", "Capacity reservations are used by on-demand instances.", checkReservations},
		{"capacity-providers", "Groups times purchase options stay within ECS's capacity providers a cluster.", checkProviderCount},
		{"maximum-gpus-enough", "The environment's GPU limit allows one instance of each group.", checkMaximumGPUs},
		{"quota-vcpus", "The fleets at their maximum stay within the account's vCPU quotas, spot and on-demand each.", checkQuotas},
	}
}

func (j *judge) eachType(do func(p path, name string, t InstanceType, known bool)) {
	for _, group := range sortedKeys(j.Capacity.Groups) {
		for i, name := range j.Capacity.Groups[group].InstanceTypes {
			t, known := LookupInstanceType(name)
			do(at("capacity", "groups", group, "instanceTypes").index(i), name, t, known)
		}
	}
}

func checkInstanceTypes(j *judge) {
	j.eachType(func(p path, name string, _ InstanceType, known bool) {
		if known {
			return
		}
		var family []string
		for _, known := range InstanceTypeNames() {
			if known[0] == name[0] {
				family = append(family, known)
			}
		}
		hint := didYouMean(name, family)
		if hint == "" {
			hint = "types without an NVIDIA GPU do not belong here; for work without a GPU write gpu: 0"
		}
		j.report(p, fmt.Sprintf("no GPU instance type is called %q", name), hint)
	})
}

func checkInstanceArchitecture(j *judge) {
	j.eachType(func(p path, name string, t InstanceType, known bool) {
		if known && t.ARM() {
			j.report(p, fmt.Sprintf("%s is arm64, and images are linux/amd64", name), "use g4dn, g5 or g6")
		}
	})
}

func checkInstanceGPU(j *judge) {
	j.eachType(func(p path, name string, t InstanceType, known bool) {
		if known && t.GPUs == 0 {
			j.report(p, fmt.Sprintf("%s has a fraction of a GPU, which ECS cannot reserve", name), "use a type with whole GPUs, such as g6.xlarge")
		}
	})
}

func checkEqualGPUs(j *judge) {
	for _, group := range sortedKeys(j.Capacity.Groups) {
		first := InstanceType{}
		for i, name := range j.Capacity.Groups[group].InstanceTypes {
			t, known := LookupInstanceType(name)
			switch {
			case !known || t.GPUs == 0:
			case first.Name == "":
				first = t
			case t.GPUs != first.GPUs:
				j.report(at("capacity", "groups", group, "instanceTypes").index(i),
					fmt.Sprintf("%s has %s, but %s has %d: tasks could not count on either", name, plural(t.GPUs, "GPU", "GPUs"), first.Name, first.GPUs),
					"make a group of its own for it")
			}
		}
	}
}

func checkPurchases(j *judge) {
	for _, name := range sortedKeys(j.Capacity.Groups) {
		g, p := j.Capacity.Groups[name], at("capacity", "groups", name)
		if deref(g.Spot.Maximum) == 0 && deref(g.OnDemand.Maximum) == 0 {
			j.report(p, fmt.Sprintf("group %s has neither spot nor on-demand instances", name), "raise spot.maximum or onDemand.maximum, or remove the group", p.key("spot"), p.key("onDemand"))
		}
	}
}

func checkReservations(j *judge) {
	for _, name := range sortedKeys(j.Capacity.Groups) {
		g, p := j.Capacity.Groups[name], at("capacity", "groups", name)
		if len(g.Reservations) > 0 && deref(g.OnDemand.Maximum) == 0 {
			j.report(p.key("reservations"), "reservations are used by on-demand instances, and the group has none", "raise onDemand.maximum", p.key("onDemand"))
		}
	}
}

func checkProviderCount(j *judge) {
	count := 0
	for _, g := range j.Capacity.Groups {
		for _, maximum := range []*int{g.Spot.Maximum, g.OnDemand.Maximum} {
			if deref(maximum) > 0 {
				count++
			}
		}
	}
	if count > ECSCapacityProviders {
		j.report(at("capacity", "groups"), fmt.Sprintf("%d capacity providers (a group's spot and on-demand count one each), and a cluster takes %d", count, ECSCapacityProviders),
			"merge groups whose instances have the same number of GPUs")
	}
}

func checkMaximumGPUs(j *judge) {
	p := at("capacity", "maximumGpus")
	for _, name := range sortedKeys(j.Capacity.Groups) {
		if gpus := j.GroupGPUs(name); j.given(p) && gpus > j.Capacity.MaximumGPUs {
			j.report(p, fmt.Sprintf("at most %s, but one instance of group %s has %d already", plural(j.Capacity.MaximumGPUs, "GPU", "GPUs"), name, gpus),
				"raise it, or remove the group", at("capacity", "groups", name))
		}
	}
}

func checkQuotas(j *judge) {
	limits := map[string]struct {
		key   string
		vcpus int
	}{"G": {"gVcpus", j.AWS.Quotas.GVCPUs}, "P": {"pVcpus", j.AWS.Quotas.PVCPUs}}
	for _, family := range []string{"G", "P"} {
		limit := limits[family]
		if limit.vcpus == 0 {
			continue
		}
		spot, onDemand := j.largestFleet(family)
		for _, fleet := range []struct {
			name  string
			vcpus int
		}{{"spot", spot}, {"on-demand", onDemand}} {
			if fleet.vcpus > limit.vcpus {
				j.report(at("aws", "quotas", limit.key), fmt.Sprintf("%s instances of family %s may reach %d vCPUs, above the quota of %d", fleet.name, family, fleet.vcpus, limit.vcpus),
					"lower the maximums of capacity.groups, or have the quota raised", at("capacity", "groups"))
			}
		}
	}
}

// largestFleet is how many vCPUs of a quota's family the groups may reach.
func (c *Config) largestFleet(family string) (spot, onDemand int) {
	for _, g := range c.Capacity.Groups {
		largest := 0
		for _, name := range g.InstanceTypes {
			if t, known := LookupInstanceType(name); known && t.QuotaFamily() == family {
				largest = max(largest, t.VCPUs)
			}
		}
		spot += largest * deref(g.Spot.Maximum)
		onDemand += largest * deref(g.OnDemand.Maximum)
	}
	return spot, onDemand
}
