// Package awscloud speaks to Auto Scaling and ECS for emptygroups.
package awscloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/smithy-go"

	"tandem/runtime/emptygroups"
)

// AutoScaling is what Groups calls.
type AutoScaling interface {
	DescribeAutoScalingGroups(context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
	DescribeLifecycleHooks(context.Context, *autoscaling.DescribeLifecycleHooksInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeLifecycleHooksOutput, error)
	DeleteLifecycleHook(context.Context, *autoscaling.DeleteLifecycleHookInput, ...func(*autoscaling.Options)) (*autoscaling.DeleteLifecycleHookOutput, error)
	SetInstanceProtection(context.Context, *autoscaling.SetInstanceProtectionInput, ...func(*autoscaling.Options)) (*autoscaling.SetInstanceProtectionOutput, error)
	SuspendProcesses(context.Context, *autoscaling.SuspendProcessesInput, ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error)
	UpdateAutoScalingGroup(context.Context, *autoscaling.UpdateAutoScalingGroupInput, ...func(*autoscaling.Options)) (*autoscaling.UpdateAutoScalingGroupOutput, error)
	TerminateInstanceInAutoScalingGroup(context.Context, *autoscaling.TerminateInstanceInAutoScalingGroupInput, ...func(*autoscaling.Options)) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error)
}

// Groups implements emptygroups.Groups.
type Groups struct{ Client AutoScaling }

var _ emptygroups.Groups = Groups{}

// Describe implements emptygroups.Groups.
func (g Groups) Describe(ctx context.Context, names []string) ([]emptygroups.Group, error) {
	if len(names) == 0 {
		return nil, nil // no names would describe every group of the account
	}
	out, err := g.Client.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: names})
	if err != nil {
		return nil, fmt.Errorf("describing groups %q: %w", names, err)
	}
	var groups []emptygroups.Group
	for _, described := range out.AutoScalingGroups {
		group := emptygroups.Group{Name: aws.ToString(described.AutoScalingGroupName)}
		for _, instance := range described.Instances {
			group.Instances = append(group.Instances, emptygroups.Instance{
				ID: aws.ToString(instance.InstanceId), Protected: aws.ToBool(instance.ProtectedFromScaleIn),
			})
		}
		hooks, err := g.Client.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: &group.Name})
		if err != nil && !gone(err) {
			return nil, fmt.Errorf("describing the lifecycle hooks of group %s: %w", group.Name, err)
		}
		if hooks != nil {
			for _, hook := range hooks.LifecycleHooks {
				group.Hooks = append(group.Hooks, aws.ToString(hook.LifecycleHookName))
			}
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// Suspend implements emptygroups.Groups.
func (g Groups) Suspend(ctx context.Context, group string, processes []string) error {
	_, err := g.Client.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: &group, ScalingProcesses: processes})
	return wrap(err, "suspending %q in group %s", processes, group)
}

// protectionLimit is the most instances that one call takes
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html, 2026-11-24).
const protectionLimit = 50

// Open implements emptygroups.Groups.
func (g Groups) Open(ctx context.Context, group emptygroups.Group) error {
	var errs []error
	for _, hook := range group.Hooks {
		_, err := g.Client.DeleteLifecycleHook(ctx, &autoscaling.DeleteLifecycleHookInput{AutoScalingGroupName: &group.Name, LifecycleHookName: &hook})
		errs = append(errs, wrap(err, "deleting lifecycle hook %s of group %s", hook, group.Name))
	}
	var protected []string
	for _, instance := range group.Instances {
		if instance.Protected {
			protected = append(protected, instance.ID)
		}
	}
	for batch := range slices.Chunk(protected, protectionLimit) {
		_, err := g.Client.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{
			AutoScalingGroupName: &group.Name, InstanceIds: batch, ProtectedFromScaleIn: aws.Bool(false),
		})
		errs = append(errs, wrap(err, "taking the protection of %q in group %s away", batch, group.Name))
	}
	return errors.Join(errs...)
}

// Zero implements emptygroups.Groups.
func (g Groups) Zero(ctx context.Context, group string) error {
	_, err := g.Client.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: &group, MinSize: aws.Int32(0), MaxSize: aws.Int32(0), DesiredCapacity: aws.Int32(0),
		NewInstancesProtectedFromScaleIn: aws.Bool(false),
	})
	return wrap(err, "setting group %s to zero", group)
}

// Terminate implements emptygroups.Groups.
func (g Groups) Terminate(ctx context.Context, instance string) error {
	_, err := g.Client.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: &instance, ShouldDecrementDesiredCapacity: aws.Bool(false),
	})
	return wrap(err, "terminating instance %s", instance)
}

// wrap says what was being done, and lets what is gone be gone.
func wrap(err error, format string, values ...any) error {
	if err == nil || gone(err) {
		return nil
	}
	return fmt.Errorf(format+": %w", append(values, err)...)
}

// gone tells the errors that say that something does not exist, or is about to
// end anyway. Auto Scaling has no code of its own for that.
func gone(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ValidationError":
		message := strings.ToLower(api.ErrorMessage())
		return strings.Contains(message, "not found") || strings.Contains(message, "not part of") ||
			strings.Contains(message, "does not exist") || strings.Contains(message, "no such") ||
			strings.Contains(message, "not in inservice") || strings.Contains(message, "pending delete")
	case "ClientException", "InvalidParameterException":
		message := strings.ToLower(api.ErrorMessage())
		return strings.Contains(message, "not found") || strings.Contains(message, "does not exist") || strings.Contains(message, "is missing")
	case "ClusterNotFoundException", "ResourceNotFoundException":
		return true
	default:
		return false
	}
}
