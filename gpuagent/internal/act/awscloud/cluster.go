package awscloud

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"tandem/gpuagent/internal/act"
)

// ECS is what is called of it.
type ECS interface {
	DescribeContainerInstances(context.Context, *ecs.DescribeContainerInstancesInput, ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error)
	UpdateContainerInstancesState(context.Context, *ecs.UpdateContainerInstancesStateInput, ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error)
	ListContainerInstances(context.Context, *ecs.ListContainerInstancesInput, ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error)
}

// Cluster is an [act.Cluster].
type Cluster struct {
	// Client of ECS. Required.
	Client ECS
	// Name of the cluster. Required.
	Name string
	// Self is the ARN of this container instance; it is asked until it is known. Required.
	Self func(context.Context) (string, error)

	arn atomic.Pointer[string]
}

var _ act.Cluster = (*Cluster)(nil)

// self is this instance's ARN; it does not change while the host runs.
func (c *Cluster) self(ctx context.Context) (string, error) {
	if arn := c.arn.Load(); arn != nil {
		return *arn, nil
	}
	arn, err := c.Self(ctx)
	if err == nil && arn == "" {
		err = errors.New("the ECS agent names no container instance")
	}
	if err != nil {
		return "", fmt.Errorf("finding this host's container instance: %w", err)
	}
	c.arn.Store(&arn)
	return arn, nil
}

// Instance implements [act.Cluster].
func (c *Cluster) Instance(ctx context.Context) (act.Instance, error) {
	arn, err := c.self(ctx)
	if err != nil {
		return act.Instance{}, err
	}
	output, err := c.Client.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &c.Name, ContainerInstances: []string{arn},
	})
	if err != nil {
		return act.Instance{}, fmt.Errorf("describing container instance %s: %w", arn, err)
	}
	if len(output.ContainerInstances) != 1 {
		// ECS may also answer with a failure beside an empty list.
		return act.Instance{}, fmt.Errorf("describing container instance %s: cluster %s does not know it%s", arn, c.Name, because(output.Failures))
	}
	found := output.ContainerInstances[0]
	return act.Instance{
		ARN: arn, ID: aws.ToString(found.Ec2InstanceId), Draining: aws.ToString(found.Status) == string(types.ContainerInstanceStatusDraining),
		Tasks: int(found.RunningTasksCount + found.PendingTasksCount),
	}, nil
}

// Drain implements [act.Cluster].
func (c *Cluster) Drain(ctx context.Context) error {
	return c.set(ctx, types.ContainerInstanceStatusDraining)
}

// Activate implements [act.Cluster].
func (c *Cluster) Activate(ctx context.Context) error {
	return c.set(ctx, types.ContainerInstanceStatusActive)
}

func (c *Cluster) set(ctx context.Context, state types.ContainerInstanceStatus) error {
	arn, err := c.self(ctx)
	if err != nil {
		return err
	}
	output, err := c.Client.UpdateContainerInstancesState(ctx, &ecs.UpdateContainerInstancesStateInput{
		Cluster: &c.Name, ContainerInstances: []string{arn}, Status: state,
	})
	if err == nil && len(output.Failures) > 0 {
		err = errors.New("ECS refuses it" + because(output.Failures))
	}
	if err != nil {
		return fmt.Errorf("setting container instance %s to %s: %w", arn, state, err)
	}
	return nil
}

// Census implements [act.Cluster].
func (c *Cluster) Census(ctx context.Context) (act.Census, error) {
	active, err := c.list(ctx, types.ContainerInstanceStatusActive)
	if err != nil {
		return act.Census{}, err
	}
	draining, err := c.list(ctx, types.ContainerInstanceStatusDraining)
	return act.Census{Instances: len(active) + len(draining), Draining: draining}, err
}

func (c *Cluster) list(ctx context.Context, state types.ContainerInstanceStatus) (arns []string, err error) {
	pages := ecs.NewListContainerInstancesPaginator(c.Client, &ecs.ListContainerInstancesInput{Cluster: &c.Name, Status: state})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("counting the instances of cluster %s that are %s: %w", c.Name, state, err)
		}
		arns = append(arns, page.ContainerInstanceArns...)
	}
	return arns, nil
}

func because(failures []types.Failure) string {
	if len(failures) == 0 {
		return ""
	}
	return ": " + aws.ToString(failures[0].Reason)
}
