package emptygroups

import "context"

// Group is an Auto Scaling group.
type Group struct {
	Name string
	// Instances that are in it, whatever their state.
	Instances []Instance
	// Hooks are the names of its lifecycle hooks.
	Hooks []string
}

// Instance of a group.
type Instance struct {
	// ID is the EC2 instance's.
	ID string
	// Protected from scale-in.
	Protected bool
}

// Host is an instance as ECS knows it.
type Host struct {
	ARN string
	// Tasks that run or wait to run on it.
	Tasks int
	// Draining hosts take no further tasks.
	Draining bool
}

// Groups speaks to Auto Scaling. A group that is gone is no error: there is
// nothing left to do for it.
type Groups interface {
	// Describe returns those of the groups that exist.
	Describe(ctx context.Context, names []string) ([]Group, error)
	// Suspend stops processes, such as AZRebalance, in a group.
	Suspend(ctx context.Context, group string, processes []string) error
	// Open takes hooks and protection away.
	Open(ctx context.Context, group Group) error
	// Zero sets minimum, maximum and desired capacity to 0.
	Zero(ctx context.Context, group string) error
	// Terminate ends an instance without waiting for anything.
	Terminate(ctx context.Context, instance string) error
}

// Cluster speaks to ECS. A provider or host that is gone is no error.
type Cluster interface {
	// Release turns a capacity provider's managed scaling and protection off.
	Release(ctx context.Context, provider string) error
	// Hosts returns those of the EC2 instances that are registered.
	Hosts(ctx context.Context, cluster string, instances []string) ([]Host, error)
	// Drain lets no more tasks onto hosts, and moves or ends those of services.
	Drain(ctx context.Context, cluster string, hosts []string) error
	// Stop stops all tasks of a host.
	Stop(ctx context.Context, cluster, host string) error
}
