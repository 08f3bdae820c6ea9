package chain

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/emptygroups"
	"tandem/runtime/emptygroups/awscloud"
)

// protected is the emulator's Auto Scaling with what it lacks: processes that
// are suspended, instances that are protected, one that is terminated.
type protected struct {
	*autoscaling.Client
	suspended, opened, terminated []string
}

func (p *protected) SuspendProcesses(_ context.Context, in *autoscaling.SuspendProcessesInput, _ ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error) {
	p.suspended = append(p.suspended, in.ScalingProcesses...)
	return &autoscaling.SuspendProcessesOutput{}, nil
}

func (p *protected) SetInstanceProtection(_ context.Context, in *autoscaling.SetInstanceProtectionInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetInstanceProtectionOutput, error) {
	p.opened = append(p.opened, in.InstanceIds...)
	return &autoscaling.SetInstanceProtectionOutput{}, nil
}

func (p *protected) TerminateInstanceInAutoScalingGroup(_ context.Context, in *autoscaling.TerminateInstanceInAutoScalingGroupInput, _ ...func(*autoscaling.Options)) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	p.terminated = append(p.terminated, *in.InstanceId)
	return &autoscaling.TerminateInstanceInAutoScalingGroupOutput{}, nil
}

func (p *protected) DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, options ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	out, err := p.Client.DescribeAutoScalingGroups(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	for _, found := range out.AutoScalingGroups {
		for i := range found.Instances {
			found.Instances[i].ProtectedFromScaleIn = aws.Bool(!slices.Contains(p.opened, *found.Instances[i].InstanceId))
		}
	}
	return out, nil
}

// busyHosts is the emulator's ECS with what it lacks: instances that are
// registered. Each runs a task that never ends by itself.
type busyHosts struct {
	*ecs.Client
	instances         []string
	draining, stopped []string
}

func (h *busyHosts) ListContainerInstances(context.Context, *ecs.ListContainerInstancesInput, ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error) {
	return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: h.instances}, nil
}

func (h *busyHosts) DescribeContainerInstances(_ context.Context, in *ecs.DescribeContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error) {
	out := &ecs.DescribeContainerInstancesOutput{}
	for _, id := range in.ContainerInstances {
		host := ecstypes.ContainerInstance{ContainerInstanceArn: &id, Ec2InstanceId: &id, Status: aws.String("ACTIVE"), RunningTasksCount: 1}
		if slices.Contains(h.draining, id) {
			host.Status = aws.String("DRAINING")
		}
		out.ContainerInstances = append(out.ContainerInstances, host)
	}
	return out, nil
}

func (h *busyHosts) UpdateContainerInstancesState(_ context.Context, in *ecs.UpdateContainerInstancesStateInput, _ ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error) {
	h.draining = append(h.draining, in.ContainerInstances...)
	return &ecs.UpdateContainerInstancesStateOutput{}, nil
}

func (h *busyHosts) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	return &ecs.ListTasksOutput{TaskArns: []string{"task-on-" + *in.ContainerInstance}}, nil
}

func (h *busyHosts) StopTask(_ context.Context, in *ecs.StopTaskInput, _ ...func(*ecs.Options)) (*ecs.StopTaskOutput, error) {
	h.stopped = append(h.stopped, *in.Task)
	return &ecs.StopTaskOutput{}, nil
}

func TestABusyFleetIsEmptiedBeforeItsGroupIsDeleted(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.scaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String(group), DesiredCapacity: aws.Int32(2)})
	require.NoError(t, err)
	_, err = w.scaling.PutLifecycleHook(ctx, &autoscaling.PutLifecycleHookInput{AutoScalingGroupName: aws.String(group),
		LifecycleHookName: aws.String("ecs-managed-draining"), LifecycleTransition: aws.String("autoscaling:EC2_INSTANCE_TERMINATING")})
	require.NoError(t, err)
	groups := &protected{Client: w.scaling}
	described, err := awscloud.Groups{Client: groups}.Describe(ctx, []string{group})
	require.NoError(t, err)
	require.Len(t, described[0].Instances, 2)
	require.True(t, described[0].Instances[0].Protected)
	require.Equal(t, []string{"ecs-managed-draining"}, described[0].Hooks)

	hosts := &busyHosts{Client: w.ecs, instances: []string{described[0].Instances[0].ID, described[0].Instances[1].ID}}
	handler := emptygroups.Handler{Log: slog.New(slog.DiscardHandler), Emptier: emptygroups.New(emptygroups.Options{
		Groups: awscloud.Groups{Client: groups}, Cluster: awscloud.Cluster{Client: hosts},
		Limit: 300 * time.Millisecond, Patience: 5 * time.Second, Every: 50 * time.Millisecond, Forgive: time.Second,
	})}
	_, _, err = handler.Handle(ctx, cfn.Event{RequestType: cfn.RequestDelete, LogicalResourceID: "Empty", ResourceProperties: map[string]any{
		"Cluster": cluster, "AutoScalingGroups": []any{group, "one-that-is-gone"}, "CapacityProviders": []any{"one-that-is-gone"}}})
	require.NoError(t, err)
	require.Contains(t, groups.suspended, "Launch")
	require.ElementsMatch(t, hosts.instances, hosts.draining)
	require.Len(t, hosts.stopped, 2, "tasks that hang are stopped at the limit")
	require.Empty(t, groups.terminated, "the group let its instances go by itself")

	described, err = awscloud.Groups{Client: w.scaling}.Describe(ctx, []string{group})
	require.NoError(t, err)
	require.Empty(t, described[0].Instances)
	require.Empty(t, described[0].Hooks)
	_, err = w.scaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String(group)})
	require.NoError(t, err)
}
