package ecsfleet

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/capacity"
)

// Services is what the controller calls of ECS.
type Services interface {
	DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput, options ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(ctx context.Context, in *ecs.UpdateServiceInput, options ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Groups is what the controller calls of Auto Scaling.
type Groups interface {
	DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, options ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
	SetDesiredCapacity(ctx context.Context, in *autoscaling.SetDesiredCapacityInput, options ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error)
}

// describeLimit is the most services that one call describes
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html, 2026-11-24).
const describeLimit = 10

// groupsLimit is the most groups that one call describes
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html, 2026-11-24).
const groupsLimit = 100

// tasks returns the tasks of each service of the fleet.
func (c *Controller) tasks(ctx context.Context) (map[string]capacity.Tasks, error) {
	var names []string
	for _, worker := range c.options.Fleet.Workers {
		for _, name := range []string{worker.Spot, worker.OnDemand} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	tasks := map[string]capacity.Tasks{}
	for batch := range slices.Chunk(names, describeLimit) {
		out, err := c.options.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.options.Cluster, Services: batch})
		if err != nil {
			return nil, fmt.Errorf("describing services %q of cluster %s: %w", batch, c.options.Cluster, err)
		}
		for _, service := range out.Services {
			tasks[aws.ToString(service.ServiceName)] = capacity.Tasks{
				Desired: int(service.DesiredCount), Pending: int(service.PendingCount), Running: int(service.RunningCount),
			}
		}
	}
	return tasks, nil
}

func (c *Controller) setCount(ctx context.Context, service string, count int) error {
	_, err := c.options.Services.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &c.options.Cluster, Service: &service, DesiredCount: aws.Int32(int32(count)),
	})
	if err != nil {
		return fmt.Errorf("setting service %s to %d tasks: %w", service, count, err)
	}
	return nil
}

// groups returns the instances of each capacity group.
func (c *Controller) groups(ctx context.Context) ([]capacity.GroupObserved, error) {
	var names []string
	for _, group := range c.options.Fleet.Groups {
		for _, name := range []string{group.Spot, group.OnDemand} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	instances := map[string]capacity.Instances{}
	for batch := range slices.Chunk(names, groupsLimit) {
		out, err := c.options.Groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: batch})
		if err != nil {
			return nil, fmt.Errorf("describing groups %q: %w", batch, err)
		}
		for _, group := range out.AutoScalingGroups {
			instances[aws.ToString(group.AutoScalingGroupName)] = count(group)
		}
	}
	var all []capacity.GroupObserved
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Groups)) {
		group := c.options.Fleet.Groups[name]
		all = append(all, capacity.GroupObserved{Name: name, Spot: instances[group.Spot], OnDemand: instances[group.OnDemand]})
	}
	return all, nil
}

func count(group types.AutoScalingGroup) capacity.Instances {
	counted := capacity.Instances{Desired: int(aws.ToInt32(group.DesiredCapacity))}
	for _, instance := range group.Instances {
		switch instance.LifecycleState {
		case types.LifecycleStateInService:
			counted.InService++
			if aws.ToString(instance.HealthStatus) == "Unhealthy" {
				counted.Impaired++
			}
		case types.LifecycleStatePending, types.LifecycleStatePendingWait, types.LifecycleStatePendingProceed:
			counted.Pending++
		}
	}
	return counted
}

// raiseTo sets a group's desired capacity, if it is lower.
func (c *Controller) raiseTo(ctx context.Context, group string, before, after int) error {
	if group == "" || before >= after {
		return nil
	}
	_, err := c.options.Groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &group, DesiredCapacity: aws.Int32(int32(after)),
	})
	if err != nil {
		return fmt.Errorf("setting group %s to %d instances: %w", group, after, err)
	}
	return nil
}
