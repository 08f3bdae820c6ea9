// Package ecswaker wakes own services that sleep: an ECS service that has no
// tasks gets one, and its Auto Scaling group, where that is empty, an instance.
// From zero, the count of tasks alone brings instances only by way of a metric
// a minute, and brings two.
//
// A service that has a task, or has been asked for one, is left alone, so waking
// again changes nothing; how often that is tried is decided in runtime/wake. What
// puts the service to sleep again is Application Auto Scaling, by alarms that
// constructs/modelservice sets up with this in mind.
package ecswaker

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/settings"
	"tandem/runtime/wake"
)

// Services is what is called of ECS.
type Services interface {
	DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput, options ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(ctx context.Context, in *ecs.UpdateServiceInput, options ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Groups is what is called of Auto Scaling.
type Groups interface {
	DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, options ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
	SetDesiredCapacity(ctx context.Context, in *autoscaling.SetDesiredCapacityInput, options ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error)
}

// Invoker implements wake.Invoker. All fields are required.
type Invoker struct {
	Sleepers settings.Sleepers
	Services Services
	Groups   Groups
}

var _ wake.Invoker = Invoker{}

// Invoke implements wake.Invoker. It fails where the service does not exist or
// AWS refuses, and then has changed nothing, or the count of tasks alone.
func (i Invoker) Invoke(ctx context.Context, call wake.Call) error {
	sleeper, found := i.Sleepers[call.Worker]
	if !found {
		return fmt.Errorf("waking service %s: it is not among those that sleep", call.Worker)
	}
	out, err := i.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &sleeper.Cluster, Services: []string{sleeper.Service}})
	if err != nil {
		return fmt.Errorf("waking service %s: describing %s: %w", call.Worker, sleeper.Service, err)
	}
	if len(out.Services) == 0 {
		return fmt.Errorf("waking service %s: ECS knows no service %s; deploy the Services stack again", call.Worker, sleeper.Service)
	}
	if out.Services[0].DesiredCount > 0 {
		return nil
	}
	if _, err := i.Services.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &sleeper.Cluster, Service: &sleeper.Service, DesiredCount: aws.Int32(1)}); err != nil {
		return fmt.Errorf("waking service %s: asking for one task of %s: %w", call.Worker, sleeper.Service, err)
	}
	return i.fill(ctx, call.Worker, sleeper.Group)
}

// fill brings the first instance of an empty group.
func (i Invoker) fill(ctx context.Context, service, group string) error {
	if group == "" {
		return nil
	}
	out, err := i.Groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{group}})
	if err != nil {
		return fmt.Errorf("waking service %s: describing group %s: %w", service, group, err)
	}
	if len(out.AutoScalingGroups) == 0 || aws.ToInt32(out.AutoScalingGroups[0].DesiredCapacity) > 0 {
		return nil
	}
	_, err = i.Groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &group, DesiredCapacity: aws.Int32(1)})
	if err != nil {
		return fmt.Errorf("waking service %s: bringing an instance of group %s: %w", service, group, err)
	}
	return nil
}
