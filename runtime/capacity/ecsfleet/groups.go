package ecsfleet

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"tandem/runtime/capacity"
)

// Groups is what the controller calls of Auto Scaling.
type Groups interface {
	DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, options ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
	// TerminateInstanceInAutoScalingGroup replaces instances of an earlier launch template.
	TerminateInstanceInAutoScalingGroup(ctx context.Context, in *autoscaling.TerminateInstanceInAutoScalingGroupInput, options ...func(*autoscaling.Options)) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error)
	SetDesiredCapacity(ctx context.Context, in *autoscaling.SetDesiredCapacityInput, options ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error)
}

// groupsLimit is the most groups that one call describes
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html, 2026-11-24).
const groupsLimit = 100

// group is one Auto Scaling group.
type group struct {
	desired   int
	instances []instance
}

// instance of a group.
type instance struct {
	id, zone, kind                       string
	inService, pending, sick, isDraining bool
	// old instances are of another launch template than the group's.
	old bool
}

// describeGroups returns the groups of the fleet that exist.
func (c *Controller) describeGroups(ctx context.Context) (map[string]group, error) {
	var names []string
	for _, g := range c.options.Fleet.Groups {
		for _, name := range []string{g.Spot, g.OnDemand} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	groups, instances := make(map[string]group, len(names)), 0
	for batch := range slices.Chunk(names, groupsLimit) {
		out, err := c.options.Groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: batch, MaxRecords: aws.Int32(groupsLimit)})
		if err != nil {
			return nil, fmt.Errorf("describing groups %q: %w", batch, err)
		}
		for _, found := range out.AutoScalingGroups {
			groups[aws.ToString(found.AutoScalingGroupName)] = readGroup(found)
			instances += len(found.Instances)
		}
	}
	if instances == 0 {
		return groups, nil
	}
	draining, err := c.draining(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		for i := range g.instances {
			g.instances[i].isDraining = draining[g.instances[i].id]
		}
	}
	return groups, nil
}

func readGroup(found types.AutoScalingGroup) group {
	g := group{desired: int(aws.ToInt32(found.DesiredCapacity))}
	for _, member := range found.Instances {
		g.instances = append(g.instances, instance{
			id: aws.ToString(member.InstanceId), zone: aws.ToString(member.AvailabilityZone), kind: aws.ToString(member.InstanceType),
			sick:      aws.ToString(member.HealthStatus) == "Unhealthy",
			old:       isOld(found, member),
			inService: member.LifecycleState == types.LifecycleStateInService,
			pending: member.LifecycleState == types.LifecycleStatePending || member.LifecycleState == types.LifecycleStatePendingWait ||
				member.LifecycleState == types.LifecycleStatePendingProceed,
		})
	}
	return g
}

// draining are the EC2 ids of the cluster's instances that drain. Nearly always
// there are none, and then it is one call.
func (c *Controller) draining(ctx context.Context) (map[string]bool, error) {
	list, err := c.options.Services.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{
		Cluster: &c.options.Cluster, Status: ecstypes.ContainerInstanceStatusDraining, MaxResults: aws.Int32(100),
	})
	if err != nil {
		return nil, fmt.Errorf("listing the draining instances of cluster %s: %w", c.options.Cluster, err)
	}
	if len(list.ContainerInstanceArns) == 0 {
		return nil, nil
	}
	out, err := c.options.Services.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &c.options.Cluster, ContainerInstances: list.ContainerInstanceArns,
	})
	if err != nil {
		return nil, fmt.Errorf("describing the draining instances of cluster %s: %w", c.options.Cluster, err)
	}
	draining := map[string]bool{}
	for _, found := range out.ContainerInstances {
		draining[aws.ToString(found.Ec2InstanceId)] = true
	}
	return draining, nil
}

// instances counts those of a group; no name is no group.
func (s *seen) instances(name string) (capacity.Instances, error) {
	if name == "" {
		return capacity.Instances{}, nil
	}
	g, found := s.groups[name]
	if !found {
		return capacity.Instances{}, fmt.Errorf("the group %s does not exist; deploy the Compute stack again", name)
	}
	counted := capacity.Instances{Desired: g.desired}
	for _, member := range g.instances {
		_, doomed := s.snapshot.State.Doomed[member.id]
		switch {
		case member.pending:
			counted.Pending++
		case !member.inService:
			continue
		case member.sick:
			counted.Impaired++
			counted.InService++
		case member.isDraining || doomed:
			counted.Draining++
			counted.InService++
		default:
			counted.InService++
		}
	}
	return counted, nil
}

// raiseTo sets a group's desired capacity, if it is lower: a service's count
// alone brings instances only by way of a metric a minute. It never lowers a
// group: which instances are empty is known to ECS's managed scaling, and
// models that are served share them.
func (c *Controller) raiseTo(ctx context.Context, name string, groups map[string]group, instances int) error {
	before, found := groups[name]
	if !found || before.desired >= instances {
		return nil
	}
	_, err := c.options.Groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &name, DesiredCapacity: aws.Int32(int32(instances)),
	})
	if err != nil {
		return fmt.Errorf("setting group %s to %d instances: %w", name, instances, err)
	}
	return nil
}
