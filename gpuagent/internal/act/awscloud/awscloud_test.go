package awscloud_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/act/awscloud"
)

const self = "arn:aws:ecs:us-east-1:111122223333:container-instance/gpu/1"

// service is ECS with one instance, listed over two pages.
type service struct {
	status   string
	failures []types.Failure
	unknown  bool
	err      error
}

func (s *service) DescribeContainerInstances(_ context.Context, in *ecs.DescribeContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error) {
	if s.err != nil || s.unknown {
		return &ecs.DescribeContainerInstancesOutput{Failures: []types.Failure{{Reason: aws.String("MISSING")}}}, s.err
	}
	return &ecs.DescribeContainerInstancesOutput{ContainerInstances: []types.ContainerInstance{{
		ContainerInstanceArn: &in.ContainerInstances[0], Ec2InstanceId: aws.String("i-1"), Status: &s.status, RunningTasksCount: 2, PendingTasksCount: 1,
	}}}, nil
}

func (s *service) UpdateContainerInstancesState(_ context.Context, in *ecs.UpdateContainerInstancesStateInput, _ ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error) {
	if s.err == nil && len(s.failures) == 0 {
		s.status = string(in.Status)
	}
	return &ecs.UpdateContainerInstancesStateOutput{Failures: s.failures}, s.err
}

func (s *service) ListContainerInstances(_ context.Context, in *ecs.ListContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error) {
	if s.err != nil {
		return nil, s.err
	}
	if in.Status == types.ContainerInstanceStatusDraining {
		return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: []string{self}}, nil
	}
	if in.NextToken == nil {
		return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: []string{"a", "b"}, NextToken: aws.String("more")}, nil
	}
	return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: []string{"c"}}, nil
}

func cluster(client awscloud.ECS) *awscloud.Cluster {
	return &awscloud.Cluster{Client: client, Name: "gpu", Self: func(context.Context) (string, error) { return self, nil }}
}

func TestAnInstanceIsDrainedSeenAndActivated(t *testing.T) {
	client := &service{status: "ACTIVE"}
	c := cluster(client)
	require.NoError(t, c.Drain(t.Context()))
	found, err := c.Instance(t.Context())
	require.NoError(t, err)
	require.Equal(t, act.Instance{ARN: self, ID: "i-1", Draining: true, Tasks: 3}, found)
	require.NoError(t, c.Activate(t.Context()))
	require.Equal(t, "ACTIVE", client.status)
}

func TestAllPagesAreCounted(t *testing.T) {
	census, err := cluster(&service{}).Census(t.Context())
	require.NoError(t, err)
	require.Equal(t, act.Census{Instances: 4, Draining: []string{self}}, census)
}

func TestARefusalInsideASuccessIsAnError(t *testing.T) {
	refused := []types.Failure{{Reason: aws.String("INACTIVE")}}
	require.ErrorContains(t, cluster(&service{failures: refused}).Drain(t.Context()), "INACTIVE")
	_, err := cluster(&service{unknown: true}).Instance(t.Context())
	require.ErrorContains(t, err, "MISSING")
}

func TestFailuresSayWhatWasBeingDone(t *testing.T) {
	denied := errors.New("access denied")
	c := cluster(&service{err: denied})
	_, described := c.Instance(t.Context())
	_, counted := c.Census(t.Context())
	for says, err := range map[string]error{"describing": described, "counting": counted, "to DRAINING": c.Drain(t.Context())} {
		require.ErrorIs(t, err, denied)
		require.ErrorContains(t, err, says)
	}
}

func TestTheInstanceIsFoundOnceTheAgentOfECSKnowsIt(t *testing.T) {
	asked := 0
	c := &awscloud.Cluster{Client: &service{}, Name: "gpu", Self: func(context.Context) (string, error) {
		if asked++; asked == 1 {
			return "", errors.New("it has not registered yet")
		}
		return self, nil
	}}
	require.ErrorContains(t, c.Drain(t.Context()), "not registered yet")
	require.NoError(t, c.Drain(t.Context()))
	require.NoError(t, c.Activate(t.Context()))
	require.Equal(t, 2, asked, "and is not asked for again")
}

type group struct {
	in *autoscaling.SetInstanceHealthInput
}

func (g *group) SetInstanceHealth(_ context.Context, in *autoscaling.SetInstanceHealthInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetInstanceHealthOutput, error) {
	g.in = in
	return nil, nil
}

func TestAYoungInstanceIsReplacedToo(t *testing.T) {
	fake := &group{}
	require.NoError(t, awscloud.Group{Client: fake}.SetUnhealthy(t.Context(), "i-1"))
	require.Equal(t, "i-1", *fake.in.InstanceId)
	require.Equal(t, "Unhealthy", *fake.in.HealthStatus)
	require.False(t, *fake.in.ShouldRespectGracePeriod, "within its grace period the group would ignore the call")
}
