package ecsfleet_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// fakeFleet is ECS, Auto Scaling, SQS and the state table.
type fakeFleet struct {
	services map[string]int
	groups   map[string]int
	depths   map[jobs.Lane]jobs.Depth
	saved    map[string]int
	updates  int
	broken   string
	now      time.Time
}

func (f *fakeFleet) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	if len(in.Services) > 10 {
		return nil, errors.New("InvalidParameterException: at most 10")
	}
	out := &ecs.DescribeServicesOutput{}
	for _, name := range in.Services {
		out.Services = append(out.Services, ecstypes.Service{ServiceName: &name, DesiredCount: int32(f.services[name]), RunningCount: int32(f.services[name])})
	}
	return out, nil
}

func (f *fakeFleet) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	if *in.Service == f.broken {
		return nil, errors.New("ServiceNotActiveException")
	}
	f.updates++
	f.services[*in.Service] = int(*in.DesiredCount)
	return &ecs.UpdateServiceOutput{}, nil
}

func (f *fakeFleet) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	for _, name := range in.AutoScalingGroupNames {
		group := autoscalingtypes.AutoScalingGroup{AutoScalingGroupName: &name, DesiredCapacity: aws.Int32(int32(f.groups[name]))}
		for range f.groups[name] {
			group.Instances = append(group.Instances, autoscalingtypes.Instance{LifecycleState: autoscalingtypes.LifecycleStateInService})
		}
		out.AutoScalingGroups = append(out.AutoScalingGroups, group)
	}
	return out, nil
}

func (f *fakeFleet) SetDesiredCapacity(_ context.Context, in *autoscaling.SetDesiredCapacityInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error) {
	f.groups[*in.AutoScalingGroupName] = int(*in.DesiredCapacity)
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

func (f *fakeFleet) Depth(_ context.Context, lane jobs.Lane) (jobs.Depth, error) {
	return f.depths[lane], nil
}

func (f *fakeFleet) Save(_ context.Context, worker string, tasks int) error {
	f.saved[worker] = tasks
	return nil
}

var high, normal = jobs.Lane{Worker: "analyser", Priority: jobs.High}, jobs.Lane{Worker: "analyser", Priority: jobs.Normal}

func newFleet() (*fakeFleet, *ecsfleet.Controller) {
	fake := &fakeFleet{services: map[string]int{}, groups: map[string]int{}, depths: map[jobs.Lane]jobs.Depth{}, saved: map[string]int{}, now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}
	return fake, ecsfleet.New(ecsfleet.Options{
		Cluster: "cluster", Lanes: []jobs.Lane{high, normal, {Worker: "trainer", Priority: jobs.Normal}},
		Fleet: settings.Fleet{
			Workers: map[string]settings.FleetWorker{
				"analyser": {Spot: "analyser-spot", OnDemand: "analyser-od", Group: "small", GPUs: 1, Slots: 2, Maximum: 10, OnDemandBase: 1},
				"trainer":  {Spot: "trainer-spot", Group: "small", GPUs: 4, Slots: 1, Maximum: 2},
			},
			Groups: map[string]settings.FleetGroup{"small": {Spot: "small-spot", OnDemand: "small-od", GPUs: 4, SpotMaximum: 3, OnDemandMaximum: 2}},
		},
		Depths: fake, Services: fake, Groups: fake, Status: fake, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return fake.now },
	})
}

func TestAFleetFollowsItsQueues(t *testing.T) {
	fake, controller := newFleet()
	fake.depths[high] = jobs.Depth{Visible: 3}
	fake.depths[normal] = jobs.Depth{Visible: 5, InFlight: 2, Delayed: 1}
	fake.depths[jobs.Lane{Worker: "trainer", Priority: jobs.Normal}] = jobs.Depth{Visible: 1}
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 4, "analyser-od": 1, "trainer-spot": 1}, fake.services)
	require.Equal(t, map[string]int{"small-spot": 2, "small-od": 1}, fake.groups, "one instance for four tasks, one for the trainer")
	require.Equal(t, map[string]int{"analyser": 5, "trainer": 1}, fake.saved)

	fake.groups["small-spot"] = 7
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, 7, fake.groups["small-spot"], "services share the group")
	fake.groups["small-spot"] = 3
	updates := fake.updates
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, updates, fake.updates, "what is so already is not set again")

	clear(fake.depths)
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 4, "analyser-od": 0, "trainer-spot": 1}, fake.services, "idle spot stays for a while")
	fake.now = fake.now.Add(6 * time.Minute)
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 0, "analyser-od": 0, "trainer-spot": 0}, fake.services)
	require.Equal(t, map[string]int{"small-spot": 3, "small-od": 1}, fake.groups, "instances are taken away by ECS's own scaling")
	require.Equal(t, map[string]int{"analyser": 0, "trainer": 0}, fake.saved)
}

func TestGroupsKeepTheirMaximum(t *testing.T) {
	fake, controller := newFleet()
	fake.depths[normal] = jobs.Depth{Visible: 1000}
	fake.depths[jobs.Lane{Worker: "trainer", Priority: jobs.Normal}] = jobs.Depth{Visible: 1000}
	require.NoError(t, controller.RunOnce(t.Context()))
	require.Equal(t, 3, fake.groups["small-spot"])
}

func TestOneBrokenServiceDoesNotHoldUpTheOthers(t *testing.T) {
	fake, controller := newFleet()
	fake.broken = "analyser-spot"
	fake.depths[normal] = jobs.Depth{Visible: 8}
	fake.depths[jobs.Lane{Worker: "trainer", Priority: jobs.Normal}] = jobs.Depth{Visible: 1}
	err := controller.RunOnce(t.Context())
	require.ErrorContains(t, err, "scaling worker analyser: setting service analyser-spot to 3 tasks: ServiceNotActiveException")
	require.Equal(t, 1, fake.services["trainer-spot"])
	require.Equal(t, 1, fake.services["analyser-od"])
}
