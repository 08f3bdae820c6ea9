package checks

import (
	"slices"
)

const (
	typeService          = "AWS::ECS::Service"
	typeTaskDefinition   = "AWS::ECS::TaskDefinition"
	typeCluster          = "AWS::ECS::Cluster"
	typeCapacityProvider = "AWS::ECS::CapacityProvider"
	typeAssociations     = "AWS::ECS::ClusterCapacityProviderAssociations"
	typeGroup            = "AWS::AutoScaling::AutoScalingGroup"
	typeLaunchTemplate   = "AWS::EC2::LaunchTemplate"
	typeLaunchConfig     = "AWS::AutoScaling::LaunchConfiguration"
)

// fleet is what runs tasks, and on what.
type fleet struct {
	groups   []*group
	services []*service
}

// service is an ECS service with what it leads to.
type service struct {
	*resource
	cluster *resource
	// task is its task definition; nil where it is not in the assembly.
	task   *resource
	daemon bool
	// strategy are the capacity providers that it names, as they are written.
	strategy []value
	// groups of instances on which its tasks may be placed.
	groups []*group
	// fargate is whether its tasks may be placed on Fargate, and fargateSpot on
	// the cheaper kind of it.
	fargate, fargateSpot bool
	balanced             bool
}

// spot is whether a task of the service may be interrupted by a spot notice.
func (s *service) spot() bool {
	return s.fargateSpot || slices.ContainsFunc(s.groups, func(g *group) bool { return g.spot })
}

// worker is whether the capacity controller scales the service, not a load
// balancer's traffic.
func (s *service) worker() bool {
	if s.daemon || s.balanced {
		return false
	}
	return len(s.strategy) > 0 || s.task != nil && slices.ContainsFunc(containers(s.task), func(container value) bool {
		return variable(container, workerNameVariable()) != ""
	})
}

func containers(task *resource) []value { return task.Prop("ContainerDefinitions").List() }

// fleet finds groups and services, once.
func (m *model) fleet() *fleet {
	if m.fleetOnce == nil {
		f := &fleet{groups: m.findGroups()}
		for _, r := range m.All(typeService) {
			f.services = append(f.services, m.newService(r, f.groups))
		}
		m.fleetOnce = f
	}
	return m.fleetOnce
}

func (m *model) newService(r *resource, groups []*group) *service {
	s := &service{
		resource: r,
		cluster:  r.Prop("Cluster").Ref(typeCluster),
		task:     r.Prop("TaskDefinition").Ref(typeTaskDefinition),
		daemon:   r.Prop("SchedulingStrategy").Is("DAEMON"),
		balanced: len(r.Prop("LoadBalancers").List()) > 0,
	}
	for _, entry := range r.Prop("CapacityProviderStrategy").List() {
		s.strategy = append(s.strategy, entry.At("CapacityProvider"))
	}
	named := s.strategy
	launch := r.Prop("LaunchType")
	if len(named) == 0 && !launch.Exists() && !s.daemon {
		named = m.defaultStrategy(s.cluster)
	}
	switch {
	case launch.Is("FARGATE"):
		s.fargate = true
	case len(named) > 0:
		s.place(named, groups)
	default:
		s.groups = groupsOf(groups, s.cluster)
	}
	return s
}

func (s *service) place(strategy []value, groups []*group) {
	for _, provider := range strategy {
		switch {
		case provider.Is("FARGATE"):
			s.fargate = true
		case provider.Is("FARGATE_SPOT"):
			s.fargate, s.fargateSpot = true, true
		}
		for _, g := range groups {
			if slices.ContainsFunc(g.providers, func(p *resource) bool { return names(provider, p) }) && !slices.Contains(s.groups, g) {
				s.groups = append(s.groups, g)
			}
		}
	}
}

// names is whether a value means a capacity provider, by reference or by name.
func names(v value, provider *resource) bool {
	if v.Ref(typeCapacityProvider) == provider {
		return true
	}
	name, known := provider.Prop("Name").Literal()
	return known && v.Is(name)
}

// defaultStrategy is what a cluster does with services that say nothing.
func (m *model) defaultStrategy(cluster *resource) []value {
	var found []value
	for _, r := range m.All(typeAssociations) {
		if cluster == nil || r.Prop("Cluster").Ref(typeCluster) != cluster {
			continue
		}
		for _, entry := range r.Prop("DefaultCapacityProviderStrategy").List() {
			found = append(found, entry.At("CapacityProvider"))
		}
	}
	return found
}

// daemons are the services of a cluster that run one task on each instance.
func (f *fleet) daemons(cluster *resource) []*service {
	var found []*service
	for _, s := range f.services {
		if s.daemon && s.cluster == cluster {
			found = append(found, s)
		}
	}
	return found
}
