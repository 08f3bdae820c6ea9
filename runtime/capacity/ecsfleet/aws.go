package ecsfleet

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
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

// counts returns the desired count of each service of the fleet.
func (c *Controller) counts(ctx context.Context) (map[string]int, error) {
	var names []string
	for _, worker := range c.options.Fleet.Workers {
		for _, name := range []string{worker.Spot, worker.OnDemand} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	counts := map[string]int{}
	for batch := range slices.Chunk(names, describeLimit) {
		out, err := c.options.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.options.Cluster, Services: batch})
		if err != nil {
			return nil, fmt.Errorf("describing services %q of cluster %s: %w", batch, c.options.Cluster, err)
		}
		for _, service := range out.Services {
			counts[aws.ToString(service.ServiceName)] = int(service.DesiredCount)
		}
	}
	return counts, nil
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

func (c *Controller) raiseTo(ctx context.Context, group string, instances int) error {
	if group == "" || instances == 0 {
		return nil
	}
	out, err := c.options.Groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{group}})
	if err != nil {
		return fmt.Errorf("describing group %s: %w", group, err)
	}
	if len(out.AutoScalingGroups) != 1 || int(aws.ToInt32(out.AutoScalingGroups[0].DesiredCapacity)) >= instances {
		return nil
	}
	_, err = c.options.Groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &group, DesiredCapacity: aws.Int32(int32(instances)),
	})
	if err != nil {
		return fmt.Errorf("setting group %s to %d instances: %w", group, instances, err)
	}
	return nil
}
