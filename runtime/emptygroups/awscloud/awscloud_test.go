package awscloud_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"tandem/runtime/emptygroups"
	"tandem/runtime/emptygroups/awscloud"
)

// fakeAutoScaling has one group of protected instances.
type fakeAutoScaling struct {
	awscloud.AutoScaling
	instances int
	calls     []string
	err       error
}

func (f *fakeAutoScaling) call(format string, values ...any) error {
	f.calls = append(f.calls, fmt.Sprintf(format, values...))
	return f.err
}

func (f *fakeAutoScaling) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	group := autoscalingtypes.AutoScalingGroup{AutoScalingGroupName: &in.AutoScalingGroupNames[0]}
	for i := range f.instances {
		group.Instances = append(group.Instances, autoscalingtypes.Instance{InstanceId: aws.String(fmt.Sprintf("i-%d", i)), ProtectedFromScaleIn: aws.Bool(i > 0)})
	}
	return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: []autoscalingtypes.AutoScalingGroup{group}}, f.err
}

func (f *fakeAutoScaling) DescribeLifecycleHooks(context.Context, *autoscaling.DescribeLifecycleHooksInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeLifecycleHooksOutput, error) {
	return &autoscaling.DescribeLifecycleHooksOutput{LifecycleHooks: []autoscalingtypes.LifecycleHook{{LifecycleHookName: aws.String("drain")}}}, nil
}

func (f *fakeAutoScaling) DeleteLifecycleHook(_ context.Context, in *autoscaling.DeleteLifecycleHookInput, _ ...func(*autoscaling.Options)) (*autoscaling.DeleteLifecycleHookOutput, error) {
	return nil, f.call("delete hook %s", *in.LifecycleHookName)
}

func (f *fakeAutoScaling) SetInstanceProtection(_ context.Context, in *autoscaling.SetInstanceProtectionInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetInstanceProtectionOutput, error) {
	return nil, f.call("protect %d %t", len(in.InstanceIds), *in.ProtectedFromScaleIn)
}

func (f *fakeAutoScaling) SuspendProcesses(_ context.Context, in *autoscaling.SuspendProcessesInput, _ ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error) {
	return nil, f.call("suspend %s", in.ScalingProcesses)
}

func (f *fakeAutoScaling) UpdateAutoScalingGroup(_ context.Context, in *autoscaling.UpdateAutoScalingGroupInput, _ ...func(*autoscaling.Options)) (*autoscaling.UpdateAutoScalingGroupOutput, error) {
	return nil, f.call("set %d %d %d", *in.MinSize, *in.MaxSize, *in.DesiredCapacity)
}

func (f *fakeAutoScaling) TerminateInstanceInAutoScalingGroup(_ context.Context, in *autoscaling.TerminateInstanceInAutoScalingGroupInput, _ ...func(*autoscaling.Options)) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	return nil, f.call("terminate %s", *in.InstanceId)
}

func TestGroupsAreDescribedAndOpened(t *testing.T) {
	fake := &fakeAutoScaling{instances: 61}
	groups := awscloud.Groups{Client: fake}
	found, err := groups.Describe(t.Context(), []string{"spot"})
	require.NoError(t, err)
	require.Equal(t, []string{"drain"}, found[0].Hooks)
	require.Len(t, found[0].Instances, 61)
	require.NoError(t, groups.Open(t.Context(), found[0]))
	require.Equal(t, []string{"delete hook drain", "protect 50 false", "protect 10 false"}, fake.calls, "in batches, and only what is protected")

	fake.calls = nil
	require.NoError(t, groups.Zero(t.Context(), "spot"))
	require.NoError(t, groups.Suspend(t.Context(), "spot", []string{"Launch"}))
	require.NoError(t, groups.Terminate(t.Context(), "i-1"))
	require.Equal(t, []string{"set 0 0 0", "suspend [Launch]", "terminate i-1"}, fake.calls)
}

func TestNoNamesDescribeNoGroups(t *testing.T) {
	found, err := awscloud.Groups{Client: &fakeAutoScaling{instances: 1}}.Describe(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, found, "AWS would answer with every group of the account")
}

func TestWhatIsGoneIsNoError(t *testing.T) {
	failures := map[string]struct {
		err  error
		gone bool
	}{
		"a group that is gone":    {&smithy.GenericAPIError{Code: "ValidationError", Message: "AutoScalingGroup name not found - no such group: spot"}, true},
		"an instance that is":     {&smithy.GenericAPIError{Code: "ValidationError", Message: "The instance i-1 is not part of Auto Scaling group spot."}, true},
		"a group about to be":     {&smithy.GenericAPIError{Code: "ValidationError", Message: "AutoScalingGroup by name spot is pending delete"}, true},
		"another validation":      {&smithy.GenericAPIError{Code: "ValidationError", Message: "Desired capacity:-1 must be between the specified min size"}, false},
		"a refused permission":    {&smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform"}, false},
		"a cut connection":        {errors.New("connection reset"), false},
		"a throttled call to AWS": {&smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}, false},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			groups := awscloud.Groups{Client: &fakeAutoScaling{err: failure.err}}
			group := emptygroups.Group{Name: "spot", Hooks: []string{"drain"}, Instances: []emptygroups.Instance{{ID: "i-1", Protected: true}}}
			for what, err := range map[string]error{
				"open": groups.Open(t.Context(), group), "zero": groups.Zero(t.Context(), "spot"),
				"suspend": groups.Suspend(t.Context(), "spot", []string{"Launch"}), "terminate": groups.Terminate(t.Context(), "i-1"),
			} {
				if failure.gone {
					require.NoError(t, err, what)
				} else {
					require.ErrorIs(t, err, failure.err, what)
				}
			}
		})
	}
}

// fakeECS is a cluster of hosts, each with tasks.
type fakeECS struct {
	awscloud.ECS
	hosts []ecstypes.ContainerInstance
	calls []string
	err   error
}

func (f *fakeECS) call(format string, values ...any) error {
	f.calls = append(f.calls, fmt.Sprintf(format, values...))
	return f.err
}

func (f *fakeECS) UpdateCapacityProvider(_ context.Context, in *ecs.UpdateCapacityProviderInput, _ ...func(*ecs.Options)) (*ecs.UpdateCapacityProviderOutput, error) {
	return nil, f.call("release %s %s %s", *in.Name, in.AutoScalingGroupProvider.ManagedScaling.Status, in.AutoScalingGroupProvider.ManagedTerminationProtection)
}

// ListContainerInstances pages by one.
func (f *fakeECS) ListContainerInstances(_ context.Context, in *ecs.ListContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error) {
	at := 0
	if in.NextToken != nil {
		_, _ = fmt.Sscan(*in.NextToken, &at)
	}
	out := &ecs.ListContainerInstancesOutput{ContainerInstanceArns: []string{*f.hosts[at].ContainerInstanceArn}}
	if at+1 < len(f.hosts) {
		out.NextToken = aws.String(fmt.Sprint(at + 1))
	}
	return out, f.err
}

func (f *fakeECS) DescribeContainerInstances(_ context.Context, in *ecs.DescribeContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error) {
	out := &ecs.DescribeContainerInstancesOutput{}
	for _, host := range f.hosts {
		if *host.ContainerInstanceArn == in.ContainerInstances[0] {
			out.ContainerInstances = append(out.ContainerInstances, host)
		}
	}
	return out, f.err
}

func (f *fakeECS) UpdateContainerInstancesState(_ context.Context, in *ecs.UpdateContainerInstancesStateInput, _ ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error) {
	return nil, f.call("%s %d", in.Status, len(in.ContainerInstances))
}

func (f *fakeECS) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	return &ecs.ListTasksOutput{TaskArns: []string{*in.ContainerInstance + "/t1", *in.ContainerInstance + "/t2"}}, f.err
}

func (f *fakeECS) StopTask(_ context.Context, in *ecs.StopTaskInput, _ ...func(*ecs.Options)) (*ecs.StopTaskOutput, error) {
	return nil, f.call("stop %s", *in.Task)
}

func TestHostsOfTheGroupsAreFoundOnEveryPage(t *testing.T) {
	fake := &fakeECS{hosts: []ecstypes.ContainerInstance{
		{ContainerInstanceArn: aws.String("a"), Ec2InstanceId: aws.String("i-1"), RunningTasksCount: 1, PendingTasksCount: 1, Status: aws.String("ACTIVE")},
		{ContainerInstanceArn: aws.String("b"), Ec2InstanceId: aws.String("i-2"), Status: aws.String("ACTIVE")},
		{ContainerInstanceArn: aws.String("c"), Ec2InstanceId: aws.String("i-3"), Status: aws.String("DRAINING")},
	}}
	hosts, err := awscloud.Cluster{Client: fake}.Hosts(t.Context(), "cluster", []string{"i-1", "i-3", "i-9"})
	require.NoError(t, err)
	require.Equal(t, []emptygroups.Host{{ARN: "a", Tasks: 2}, {ARN: "c", Draining: true}}, hosts)
}

func TestHostsAreDrainedAndTheirTasksStopped(t *testing.T) {
	fake := &fakeECS{}
	cluster := awscloud.Cluster{Client: fake}
	require.NoError(t, cluster.Release(t.Context(), "provider"))
	require.NoError(t, cluster.Drain(t.Context(), "cluster", make([]string, 11)))
	require.NoError(t, cluster.Stop(t.Context(), "cluster", "h"))
	require.Equal(t, []string{"release provider DISABLED DISABLED", "DRAINING 10", "DRAINING 1", "stop h/t1", "stop h/t2"}, fake.calls)

	fake.err = &ecstypes.UpdateInProgressException{}
	require.NoError(t, cluster.Release(t.Context(), "provider"))
	fake.err = errors.New("throttled")
	require.ErrorContains(t, cluster.Release(t.Context(), "provider"), "provider: throttled")
	require.Error(t, cluster.Stop(t.Context(), "cluster", "h"))
}
