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

func containers(task *resource) []value { return task.prop("ContainerDefinitions").list() }

// fleet finds groups and services, once.
func (m *model) fleet() *fleet {
	if m.fleetOnce == nil {
		f := &fleet{groups: m.findGroups()}
		for _, r := range m.all(typeService) {
			f.services = append(f.services, m.newService(r, f.groups))
		}
		m.fleetOnce = f
	}
	return m.fleetOnce
}

func (m *model) newService(r *resource, groups []*group) *service {
	s := &service{
		resource: r,
		cluster:  r.prop("Cluster").ref(typeCluster),
		task:     r.prop("TaskDefinition").ref(typeTaskDefinition),
		daemon:   r.prop("SchedulingStrategy").is("DAEMON"),
		balanced: len(r.prop("LoadBalancers").list()) > 0,
	}
	for _, entry := range r.prop("CapacityProviderStrategy").list() {
		s.strategy = append(s.strategy, entry.at("CapacityProvider"))
	}
	named := s.strategy
	launch := r.prop("LaunchType")
	if len(named) == 0 && !launch.exists() && !s.daemon {
		named = m.defaultStrategy(s.cluster)
	}
	switch {
	case launch.is("FARGATE"):
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
		case provider.is("FARGATE"):
			s.fargate = true
		case provider.is("FARGATE_SPOT"):
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
	if v.ref(typeCapacityProvider) == provider {
		return true
	}
	name, known := provider.prop("Name").literal()
	return known && v.is(name)
}

// defaultStrategy is what a cluster does with services that say nothing.
func (m *model) defaultStrategy(cluster *resource) []value {
	var found []value
	for _, r := range m.all(typeAssociations) {
		if cluster == nil || r.prop("Cluster").ref(typeCluster) != cluster {
			continue
		}
		for _, entry := range r.prop("DefaultCapacityProviderStrategy").list() {
			found = append(found, entry.at("CapacityProvider"))
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
