package ecsfleet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// fakeService is a service as ECS shows it.
type fakeService struct {
	desired, running, pending int
	// old tasks of an earlier deploy.
	old int
}

// fakeCloud is ECS, Auto Scaling, SQS and the state table, in which calls fail,
// lag or lie where a test says so.
type fakeCloud struct {
	mutex    sync.Mutex
	now      time.Time
	deployed time.Time
	services map[string]*fakeService
	groups   map[string][]autoscalingtypes.Instance
	desired  map[string]int
	draining []string // EC2 ids
	depths   map[jobs.Lane]jobs.Depth
	snapshot fleetstate.Snapshot
	saved    fleetstate.Saved
	stopped  []string
	// tasks by the instance that they run on, as service#name, and the version of
	// the groups' launch template.
	tasks    map[string][]string
	template string
	retired  []string
	drained  []time.Time

	// calls by name, and changes in order.
	calls   map[string]int
	changes []string
	// fails makes calls of a name, or a change, fail.
	fails map[string]error
	// lags answers what was true before the last change.
	lags map[string]fakeService
	// lost runs are overtaken by another run that many times.
	overtaken int
	metrics   output
	log       output
}

// output is what several controllers may write at once.
type output struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.Buffer.Write(p)
}

func newCloud() *fakeCloud {
	return &fakeCloud{
		now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), deployed: time.Date(2026, 11, 24, 9, 50, 0, 0, time.UTC),
		services: map[string]*fakeService{"analyser-spot": {}, "analyser-od": {}, "trainer-spot": {}},
		groups:   map[string][]autoscalingtypes.Instance{"small-spot": nil, "small-od": nil},
		desired:  map[string]int{}, depths: map[jobs.Lane]jobs.Depth{high: {}, normal: {}, training: {}},
		calls: map[string]int{}, fails: map[string]error{}, lags: map[string]fakeService{},
	}
}

var (
	high     = jobs.Lane{Worker: "analyser", Priority: jobs.High}
	normal   = jobs.Lane{Worker: "analyser", Priority: jobs.Normal}
	training = jobs.Lane{Worker: "trainer", Priority: jobs.Normal}
)

func (f *fakeCloud) controller() *ecsfleet.Controller {
	return ecsfleet.New(ecsfleet.Options{
		Cluster: "cluster", Lanes: []jobs.Lane{high, normal, training},
		Fleet: settings.Fleet{
			Workers: map[string]settings.FleetWorker{
				"analyser": {Spot: "analyser-spot", OnDemand: "analyser-od", Group: "small", GPUs: 1, Slots: 2, Maximum: 10, FallbackAfter: 300, IdleFor: 300, DeployDrain: 3600},
				"trainer":  {Spot: "trainer-spot", Group: "small", GPUs: 4, Slots: 1, Maximum: 2, TargetWait: 600, IdleFor: 300, DeployDrain: 3600},
			},
			Groups: map[string]settings.FleetGroup{"small": {Spot: "small-spot", OnDemand: "small-od", GPUs: 4, SpotMaximum: 3, OnDemandMaximum: 2}},
		},
		Depths: f, Services: f, Groups: f, State: f, Drainer: f, Metrics: &f.metrics,
		Release: settings.Release{Application: "tandem", Environment: "dev"},
		Log:     slog.New(slog.NewJSONHandler(&f.log, nil)), Now: func() time.Time { return f.now },
	})
}

// called counts a call and says whether it fails.
func (f *fakeCloud) called(name string) error {
	f.calls[name]++
	return f.fails[name]
}

func (f *fakeCloud) total() (total int) {
	for _, count := range f.calls {
		total += count
	}
	return total
}

// settle makes every task run that was asked for, each on an instance.
func (f *fakeCloud) settle() {
	for _, service := range f.services {
		service.running, service.pending = service.desired-service.old, 0
	}
	for name, desired := range f.desired {
		for len(f.groups[name]) < desired {
			f.addInstance(name, fmt.Sprintf("i-%s-%d", name, len(f.groups[name])))
		}
	}
}

func (f *fakeCloud) addInstance(group, id string) {
	f.groups[group] = append(f.groups[group], autoscalingtypes.Instance{
		InstanceId: &id, LifecycleState: autoscalingtypes.LifecycleStateInService, HealthStatus: aws.String("Healthy"),
		AvailabilityZone: aws.String("us-east-1a"), InstanceType: aws.String("g5.12xlarge"), LaunchTemplate: launchTemplate(f.template),
	})
	f.desired[group] = max(f.desired[group], len(f.groups[group]))
}

func launchTemplate(version string) *autoscalingtypes.LaunchTemplateSpecification {
	return &autoscalingtypes.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-1"), Version: &version}
}

func (f *fakeCloud) counts() map[string]int {
	counts := map[string]int{}
	for name, service := range f.services {
		counts[name] = service.desired
	}
	return counts
}

func (f *fakeCloud) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(in.Services) > 10 {
		return nil, errors.New("InvalidParameterException: at most 10")
	}
	out := &ecs.DescribeServicesOutput{}
	for _, name := range in.Services {
		known, found := f.services[name]
		if !found {
			out.Failures = append(out.Failures, ecstypes.Failure{Arn: &name, Reason: aws.String("MISSING")})
			continue
		}
		service := *known
		if before, lags := f.lags[name]; lags {
			service = before
		}
		out.Services = append(out.Services, service.describe(name, f.deployed))
	}
	return out, f.called("DescribeServices")
}

func (s fakeService) describe(name string, deployed time.Time) ecstypes.Service {
	definition := func(revision int) *string {
		return aws.String(fmt.Sprintf("arn:aws:ecs:us-east-1:111122223333:task-definition/%s:%d", family, revision))
	}
	described := ecstypes.Service{ServiceName: &name, Status: aws.String("ACTIVE"), TaskDefinition: definition(7),
		DesiredCount: int32(s.desired), RunningCount: int32(s.running + s.old), PendingCount: int32(s.pending),
		Deployments: []ecstypes.Deployment{{Status: aws.String("PRIMARY"), TaskDefinition: definition(7), CreatedAt: &deployed, RunningCount: int32(s.running)}}}
	if s.old > 0 {
		described.Deployments = append(described.Deployments, ecstypes.Deployment{Status: aws.String("ACTIVE"), TaskDefinition: definition(6), RunningCount: int32(s.old)})
	}
	return described
}

const family = "analyser-task"

func (f *fakeCloud) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := errors.Join(f.called("UpdateService"), f.fails[*in.Service]); err != nil {
		return nil, err
	}
	f.changes = append(f.changes, fmt.Sprintf("%s=%d", *in.Service, *in.DesiredCount))
	f.services[*in.Service].desired = int(*in.DesiredCount)
	return &ecs.UpdateServiceOutput{}, nil
}

func (f *fakeCloud) ListContainerInstances(_ context.Context, in *ecs.ListContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if id, one := strings.CutPrefix(aws.ToString(in.Filter), "ec2InstanceId == "); one {
		return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: []string{"container-instance/" + id}}, f.called("ListContainerInstances")
	}
	if in.Status != ecstypes.ContainerInstanceStatusDraining {
		return nil, errors.New("only draining ones are asked for")
	}
	return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: f.draining}, f.called("ListContainerInstances")
}

func (f *fakeCloud) DescribeContainerInstances(_ context.Context, in *ecs.DescribeContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	out := &ecs.DescribeContainerInstancesOutput{}
	for _, id := range in.ContainerInstances {
		out.ContainerInstances = append(out.ContainerInstances, ecstypes.ContainerInstance{Ec2InstanceId: &id})
	}
	return out, f.called("DescribeContainerInstances")
}

func (f *fakeCloud) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if on := in.ContainerInstance; on != nil {
		return &ecs.ListTasksOutput{TaskArns: f.tasks[strings.TrimPrefix(*on, "container-instance/")]}, f.called("ListTasks")
	}
	return &ecs.ListTasksOutput{TaskArns: []string{"task/old", "task/new"}}, nil
}

func (f *fakeCloud) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if strings.Contains(in.Tasks[0], "#") {
		out := &ecs.DescribeTasksOutput{}
		for _, task := range in.Tasks {
			service, _, _ := strings.Cut(task, "#")
			out.Tasks = append(out.Tasks, ecstypes.Task{TaskArn: &task, Group: aws.String("service:" + service)})
		}
		return out, f.called("DescribeTasks")
	}
	return &ecs.DescribeTasksOutput{Tasks: []ecstypes.Task{
		{TaskArn: aws.String("task/old"), TaskDefinitionArn: aws.String("arn:aws:ecs:us-east-1:111122223333:task-definition/" + family + ":6")},
		{TaskArn: aws.String("task/new"), TaskDefinitionArn: aws.String("arn:aws:ecs:us-east-1:111122223333:task-definition/" + family + ":7")},
	}}, nil
}

// GetTaskProtection knows tasks by their names: one that ends in "busy" is, and
// of one that ends in "?" nothing is known.
func (f *fakeCloud) GetTaskProtection(_ context.Context, in *ecs.GetTaskProtectionInput, _ ...func(*ecs.Options)) (*ecs.GetTaskProtectionOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	out := &ecs.GetTaskProtectionOutput{}
	for _, task := range in.Tasks {
		if strings.HasSuffix(task, "?") {
			out.Failures = append(out.Failures, ecstypes.Failure{Arn: &task, Reason: aws.String("MISSING")})
			continue
		}
		out.ProtectedTasks = append(out.ProtectedTasks, ecstypes.ProtectedTask{TaskArn: &task, ProtectionEnabled: strings.HasSuffix(task, "busy")})
	}
	return out, f.called("GetTaskProtection")
}

func (f *fakeCloud) TerminateInstanceInAutoScalingGroup(_ context.Context, in *autoscaling.TerminateInstanceInAutoScalingGroupInput, _ ...func(*autoscaling.Options)) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if *in.ShouldDecrementDesiredCapacity {
		return nil, errors.New("the group would get no replacement")
	}
	f.retired = append(f.retired, *in.InstanceId)
	for _, instances := range f.groups {
		for i := range instances {
			if *instances[i].InstanceId == *in.InstanceId {
				instances[i].LifecycleState = autoscalingtypes.LifecycleStateTerminatingWait
			}
		}
	}
	return &autoscaling.TerminateInstanceInAutoScalingGroupOutput{}, f.called("TerminateInstanceInAutoScalingGroup")
}

func (f *fakeCloud) StopTask(_ context.Context, in *ecs.StopTaskInput, _ ...func(*ecs.Options)) (*ecs.StopTaskOutput, error) {
	f.stopped = append(f.stopped, *in.Task)
	return &ecs.StopTaskOutput{}, nil
}

func (f *fakeCloud) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	for _, name := range in.AutoScalingGroupNames {
		if instances, found := f.groups[name]; found {
			out.AutoScalingGroups = append(out.AutoScalingGroups, autoscalingtypes.AutoScalingGroup{
				AutoScalingGroupName: &name, DesiredCapacity: aws.Int32(int32(f.desired[name])), Instances: instances,
				MixedInstancesPolicy: &autoscalingtypes.MixedInstancesPolicy{LaunchTemplate: &autoscalingtypes.LaunchTemplate{LaunchTemplateSpecification: launchTemplate(f.template)}}})
		}
	}
	return out, f.called("DescribeAutoScalingGroups")
}

func (f *fakeCloud) SetDesiredCapacity(_ context.Context, in *autoscaling.SetDesiredCapacityInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.called("SetDesiredCapacity"); err != nil {
		return nil, err
	}
	f.changes = append(f.changes, fmt.Sprintf("%s=%d", *in.AutoScalingGroupName, *in.DesiredCapacity))
	f.desired[*in.AutoScalingGroupName] = int(*in.DesiredCapacity)
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

func (f *fakeCloud) Depth(_ context.Context, lane jobs.Lane) (jobs.Depth, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	depth, found := f.depths[lane]
	if !found {
		return depth, fmt.Errorf("queue of %s: %w", lane, jobs.ErrNoQueue)
	}
	return depth, f.called("GetQueueAttributes")
}

func (f *fakeCloud) Load(context.Context) (fleetstate.Snapshot, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	copied := f.snapshot
	copied.Durations = maps.Clone(f.snapshot.Durations)
	return copied, f.called("Query")
}

func (f *fakeCloud) Save(_ context.Context, state fleetstate.State, saved fleetstate.Saved) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if err := f.called("PutItem"); err != nil {
		return err
	}
	if f.overtaken > 0 {
		f.overtaken--
		f.snapshot.State.Version++
	}
	if state.Version != f.snapshot.State.Version {
		return fleetstate.ErrConflict
	}
	state.Version++
	f.snapshot.State, f.saved = state, saved
	return nil
}

func (f *fakeCloud) Drain(_ context.Context, owned func(string) bool, by time.Time) (int, error) {
	told := 0
	for _, revision := range []int{6, 7} {
		if owned(fleetreport.Owner{Task: "t", Revision: revision, Family: fleetreport.Mark(family)}.String()) {
			told++
		}
	}
	if owned(fleetreport.Owner{Task: "t", Revision: 6, Family: fleetreport.Mark("another")}.String()) {
		return 0, errors.New("another worker's task was told")
	}
	f.drained = append(f.drained, by)
	return told, nil
}

// minute is one run, a minute later, with whatever was asked for having come.
func (f *fakeCloud) minute(ctx context.Context) error {
	f.settle()
	f.now = f.now.Add(time.Minute)
	f.snapshot.Jobs.At = f.now
	return f.controller().Run(ctx, ecsfleet.Trigger{Source: ecsfleet.Schedule, At: f.now})
}
