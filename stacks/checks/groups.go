package checks

import (
	"slices"
	"strconv"
	"strings"

	"tandem/config"
)

// group is an Auto Scaling group whose instances join an ECS cluster.
type group struct {
	*resource
	cluster   *resource
	providers []*resource
	launches  []launch
	// types of its instances, as they are written.
	types []string
	// spot is whether any of them may be a spot instance.
	spot bool
}

// launch is a launch template, or a launch configuration, its forerunner.
type launch struct {
	*resource
	// data is where instance type, user data and metadata options are.
	data value
	// script is the user data.
	script string
}

func newLaunch(r *resource) launch {
	data := launchData(r)
	return launch{r, data, data.At("UserData").Script()}
}

func launchData(r *resource) value {
	if r.Type == typeLaunchTemplate {
		return r.Prop("LaunchTemplateData")
	}
	return r.Prop()
}

func (m *model) findGroups() []*group {
	var found []*group
	for _, r := range m.All(typeGroup) {
		g := &group{resource: r, launches: m.launchesOf(r)}
		for _, p := range m.All(typeCapacityProvider) {
			if means(p.Prop("AutoScalingGroupProvider", "AutoScalingGroupArn"), r) {
				g.providers = append(g.providers, p)
			}
		}
		g.cluster = m.clusterOf(g)
		if len(g.providers) == 0 && g.cluster == nil && !g.writes("ECS_CLUSTER") {
			continue
		}
		g.types, g.spot = g.instanceTypes(), g.buysSpot()
		found = append(found, g)
	}
	return found
}

// means is whether a value refers to a group, by reference or by name.
func means(v value, group *resource) bool {
	if v.Ref(typeGroup) == group {
		return true
	}
	name, known := group.Prop("AutoScalingGroupName").Literal()
	text, literal := v.Literal()
	return known && literal && (text == name || strings.HasSuffix(text, ":autoScalingGroupName/"+name))
}

func (m *model) launchesOf(group *resource) []launch {
	mixed := group.Prop("MixedInstancesPolicy", "LaunchTemplate")
	written := []value{
		group.Prop("LaunchTemplate"), group.Prop("LaunchConfigurationName"), mixed.At("LaunchTemplateSpecification"),
	}
	for _, override := range mixed.At("Overrides").List() {
		written = append(written, override.At("LaunchTemplateSpecification"))
	}
	var found []launch
	for _, v := range written {
		r := v.Ref(typeLaunchTemplate, typeLaunchConfig)
		if r == nil {
			r = m.namedLaunch(v.At("LaunchTemplateName"))
		}
		if r != nil && !slices.ContainsFunc(found, func(l launch) bool { return l.resource == r }) {
			found = append(found, newLaunch(r))
		}
	}
	return found
}

func (m *model) namedLaunch(v value) *resource {
	name, known := v.Literal()
	for _, r := range m.All(typeLaunchTemplate) {
		if known && r.Prop("LaunchTemplateName").Is(name) {
			return r
		}
	}
	return nil
}

// clusterOf is the cluster that the group's providers belong to, or else the
// one that its instances are told to join.
func (m *model) clusterOf(g *group) *resource {
	for _, r := range m.All(typeAssociations) {
		for _, entry := range r.Prop("CapacityProviders").List() {
			if slices.ContainsFunc(g.providers, func(p *resource) bool { return names(entry, p) }) {
				return r.Prop("Cluster").Ref(typeCluster)
			}
		}
	}
	for _, l := range g.launches {
		if cluster := l.data.At("UserData").Ref(typeCluster); cluster != nil {
			return cluster
		}
	}
	return nil
}

func groupsOf(groups []*group, cluster *resource) []*group {
	var found []*group
	for _, g := range groups {
		if cluster != nil && g.cluster == cluster {
			found = append(found, g)
		}
	}
	return found
}

func (g *group) writes(text string) bool {
	return slices.ContainsFunc(g.launches, func(l launch) bool {
		return strings.Contains(l.script, text)
	})
}

// agentSetting is what the ECS agent of the group's instances is told, by the
// first launch template that says it; empty where none does.
func (g *group) agentSetting(variable string) string {
	for _, l := range g.launches {
		if setting, written := agentSetting(l.script, variable); written {
			return setting
		}
	}
	return ""
}

// reservedMemory is what the agent keeps from ECS, beside what the kernel does.
func (g *group) reservedMemory() config.Size {
	mib, _ := strconv.ParseUint(g.agentSetting("ECS_RESERVED_MEMORY"), 10, 24)
	return config.Size(mib) * config.MiB
}

func (g *group) instanceTypes() []string {
	var found []string
	add := func(v value) {
		if name, known := v.Literal(); known && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	for _, override := range g.Prop("MixedInstancesPolicy", "LaunchTemplate", "Overrides").List() {
		add(override.At("InstanceType"))
	}
	if len(found) == 0 {
		for _, l := range g.launches {
			add(l.data.At("InstanceType"))
		}
	}
	return found
}

// buysSpot reads the distribution of a mixed instances policy, whose default
// is on-demand alone, or the market of a launch template.
func (g *group) buysSpot() bool {
	if mixed := g.Prop("MixedInstancesPolicy"); mixed.Exists() {
		share, known := mixed.At("InstancesDistribution", "OnDemandPercentageAboveBaseCapacity").NumberOr(100)
		if !known || share < 100 {
			return true
		}
	}
	return slices.ContainsFunc(g.launches, func(l launch) bool {
		return l.data.At("InstanceMarketOptions", "MarketType").Is("spot") || l.data.At("SpotPrice").Exists()
	})
}

// smallest is the least of each measure over the group's instance types: what
// a task may count on, whichever of them comes. It is false where a type is
// not a GPU type that config knows.
func (g *group) smallest() (config.InstanceType, bool) {
	var least config.InstanceType
	for _, name := range g.types {
		t, known := config.LookupInstanceType(name)
		if !known {
			return config.InstanceType{}, false
		}
		if least.Name == "" {
			least = t
			continue
		}
		if t.Memory < least.Memory {
			least.Name = t.Name
		}
		least.VCPUs, least.Memory = min(least.VCPUs, t.VCPUs), min(least.Memory, t.Memory)
		least.GPUs, least.GPUMemory = min(least.GPUs, t.GPUs), min(least.GPUMemory, t.GPUMemory)
	}
	return least, least.Name != ""
}
