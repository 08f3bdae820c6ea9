package act

import "context"

// Cluster is what is done to ECS. Each call is about the host the agent runs on.
type Cluster interface {
	// Instance as ECS sees it.
	Instance(ctx context.Context) (Instance, error)
	// Drain moves the tasks away; Activate takes that back. Both may be repeated.
	Drain(ctx context.Context) error
	Activate(ctx context.Context) error
	// Census counts the instances of the cluster.
	Census(ctx context.Context) (Census, error)
}

// Instance is this host's container instance.
type Instance struct {
	ARN string
	// ID of the EC2 instance.
	ID string
	// Draining is whether ECS moves its tasks away, whoever asked for it.
	Draining bool
	// Tasks that run or are about to.
	Tasks int
}

// Census of a cluster.
type Census struct {
	// Instances that are active or draining.
	Instances int
	// Draining ones by ARN, this one among them.
	Draining []string
}

// Group is the Auto Scaling group of the instance.
type Group interface {
	// SetUnhealthy has the group replace an instance now, without regard to its
	// grace period. It may be repeated.
	SetUnhealthy(ctx context.Context, instanceID string) error
}

// Places are the limited number of hosts that may be drained at a time.
type Places interface {
	// Take a place, or renew the one that is held, for holder; false when all are
	// taken. A place that is not renewed becomes free by itself.
	Take(ctx context.Context, holder string, places int) (bool, error)
	// Held says whether the holder has a place.
	Held(ctx context.Context, holder string) (bool, error)
	// Leave gives the place back.
	Leave(ctx context.Context, holder string) error
}

// Spare says whether the controller has capacity to take over what runs here.
type Spare interface {
	Spare(ctx context.Context) (bool, error)
}
