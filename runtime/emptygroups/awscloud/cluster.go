package awscloud

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"tandem/runtime/emptygroups"
)

// ECS is what Cluster calls.
type ECS interface {
	UpdateCapacityProvider(context.Context, *ecs.UpdateCapacityProviderInput, ...func(*ecs.Options)) (*ecs.UpdateCapacityProviderOutput, error)
	ListContainerInstances(context.Context, *ecs.ListContainerInstancesInput, ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error)
	DescribeContainerInstances(context.Context, *ecs.DescribeContainerInstancesInput, ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error)
	UpdateContainerInstancesState(context.Context, *ecs.UpdateContainerInstancesStateInput, ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	StopTask(context.Context, *ecs.StopTaskInput, ...func(*ecs.Options)) (*ecs.StopTaskOutput, error)
}

// Cluster implements emptygroups.Cluster.
type Cluster struct{ Client ECS }

var _ emptygroups.Cluster = Cluster{}

// Release implements emptygroups.Cluster. A provider that is being changed
// already is left alone: it is asked again when the deletion is tried again.
func (c Cluster) Release(ctx context.Context, provider string) error {
	_, err := c.Client.UpdateCapacityProvider(ctx, &ecs.UpdateCapacityProviderInput{
		Name: &provider,
		AutoScalingGroupProvider: &types.AutoScalingGroupProviderUpdate{
			ManagedScaling:               &types.ManagedScaling{Status: types.ManagedScalingStatusDisabled},
			ManagedTerminationProtection: types.ManagedTerminationProtectionDisabled,
		},
	})
	var busy *types.UpdateInProgressException
	if errors.As(err, &busy) {
		return nil
	}
	return wrap(err, "turning off the scaling of capacity provider %s", provider)
}

// describeLimit is the most container instances that one call describes
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html, 2026-11-24).
const describeLimit = 100

// Hosts implements emptygroups.Cluster.
func (c Cluster) Hosts(ctx context.Context, cluster string, instances []string) ([]emptygroups.Host, error) {
	if len(instances) == 0 {
		return nil, nil
	}
	var hosts []emptygroups.Host
	pages := ecs.NewListContainerInstancesPaginator(c.Client, &ecs.ListContainerInstancesInput{Cluster: &cluster, MaxResults: aws.Int32(describeLimit)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if gone(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing the instances of cluster %s: %w", cluster, err)
		}
		if len(page.ContainerInstanceArns) == 0 {
			continue
		}
		out, err := c.Client.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{Cluster: &cluster, ContainerInstances: page.ContainerInstanceArns})
		if err != nil {
			return nil, fmt.Errorf("describing the instances of cluster %s: %w", cluster, err)
		}
		for _, host := range out.ContainerInstances {
			if slices.Contains(instances, aws.ToString(host.Ec2InstanceId)) {
				hosts = append(hosts, emptygroups.Host{
					ARN: aws.ToString(host.ContainerInstanceArn), Tasks: int(host.RunningTasksCount + host.PendingTasksCount),
					Draining: aws.ToString(host.Status) == string(types.ContainerInstanceStatusDraining),
				})
			}
		}
	}
	return hosts, nil
}

// drainLimit is the most container instances that one call drains
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateContainerInstancesState.html, 2026-11-24).
const drainLimit = 10

// Drain implements emptygroups.Cluster.
func (c Cluster) Drain(ctx context.Context, cluster string, hosts []string) error {
	var errs []error
	for batch := range slices.Chunk(hosts, drainLimit) {
		_, err := c.Client.UpdateContainerInstancesState(ctx, &ecs.UpdateContainerInstancesStateInput{
			Cluster: &cluster, ContainerInstances: batch, Status: types.ContainerInstanceStatusDraining,
		})
		errs = append(errs, wrap(err, "draining %q of cluster %s", batch, cluster))
	}
	return errors.Join(errs...)
}

// Stop implements emptygroups.Cluster.
func (c Cluster) Stop(ctx context.Context, cluster, host string) error {
	var errs []error
	pages := ecs.NewListTasksPaginator(c.Client, &ecs.ListTasksInput{Cluster: &cluster, ContainerInstance: &host})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(errs, wrap(err, "listing the tasks of %s", host))...)
		}
		for _, task := range page.TaskArns {
			_, err := c.Client.StopTask(ctx, &ecs.StopTaskInput{
				Cluster: &cluster, Task: &task, Reason: aws.String("the capacity group is being deleted"),
			})
			errs = append(errs, wrap(err, "stopping task %s", task))
		}
	}
	return errors.Join(errs...)
}
