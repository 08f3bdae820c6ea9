package ecswaker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/settings"
	"tandem/runtime/wake"
	"tandem/runtime/wake/ecswaker"
)

// cloud is one service and one group.
type cloud struct {
	mu sync.Mutex
	// tasks of services and instances of groups, by name.
	tasks, instances map[string]int32
	fails            map[string]error
	calls            []string
	last             map[string]time.Time
}

func (c *cloud) called(name string) error {
	c.calls = append(c.calls, name)
	return c.fails[name]
}

func (c *cloud) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &ecs.DescribeServicesOutput{}
	if count, found := c.tasks[*in.Cluster+"/"+in.Services[0]]; found {
		out.Services = []ecstypes.Service{{DesiredCount: count}}
	}
	return out, c.called("describe service")
}

func (c *cloud) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.called("update service"); err != nil {
		return nil, err
	}
	c.tasks[*in.Cluster+"/"+*in.Service] = *in.DesiredCount
	return &ecs.UpdateServiceOutput{}, nil
}

func (c *cloud) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	if count, found := c.instances[in.AutoScalingGroupNames[0]]; found {
		out.AutoScalingGroups = []astypes.AutoScalingGroup{{DesiredCapacity: aws.Int32(count)}}
	}
	return out, c.called("describe group")
}

func (c *cloud) SetDesiredCapacity(_ context.Context, in *autoscaling.SetDesiredCapacityInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.called("fill group"); err != nil {
		return nil, err
	}
	c.instances[*in.AutoScalingGroupName] = *in.DesiredCapacity
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

// Turn lets one caller through in a while.
func (c *cloud) Turn(_ context.Context, name string, every time.Duration) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, found := c.last[name]; found && time.Since(last) < every {
		return false, nil
	}
	c.last[name] = time.Now()
	return true, nil
}

func newCloud(tasks, instances int32) *cloud {
	return &cloud{tasks: map[string]int32{"main/llama-service": tasks}, instances: map[string]int32{"serving-spot": instances},
		fails: map[string]error{}, last: map[string]time.Time{}}
}

func (c *cloud) invoker() ecswaker.Invoker {
	return ecswaker.Invoker{Services: c, Groups: c, Sleepers: settings.Sleepers{
		"llama": {Cluster: "main", Service: "llama-service", Group: "serving-spot"},
		"gone":  {Cluster: "main", Service: "gone-service"},
	}}
}

func TestAServiceThatSleepsGetsOneTaskAndAnInstance(t *testing.T) {
	for name, test := range map[string]struct {
		tasks, instances         int32
		wantTasks, wantInstances int32
		calls                    []string
	}{
		"asleep, nothing runs":         {0, 0, 1, 1, []string{"describe service", "update service", "describe group", "fill group"}},
		"asleep, the group has others": {0, 3, 1, 3, []string{"describe service", "update service", "describe group"}},
		"being started":                {1, 1, 1, 1, []string{"describe service"}},
		"scaled out":                   {4, 4, 4, 4, []string{"describe service"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(test.tasks, test.instances)
			require.NoError(t, c.invoker().Invoke(t.Context(), wake.Call{Worker: "llama"}))
			require.Equal(t, test.wantTasks, c.tasks["main/llama-service"])
			require.Equal(t, test.wantInstances, c.instances["serving-spot"])
			require.Equal(t, test.calls, c.calls)
			calls := len(c.calls)
			require.NoError(t, c.invoker().Invoke(t.Context(), wake.Call{Worker: "llama"}))
			require.Equal(t, test.wantTasks, c.tasks["main/llama-service"], "again changes nothing")
			require.Len(t, c.calls, calls+1)
		})
	}
}

func TestWhatKeepsAServiceAsleepIsSaid(t *testing.T) {
	refused := errors.New("AccessDenied")
	for name, test := range map[string]struct {
		service, fails, want string
		tasks                int32
	}{
		"a service that never sleeps": {"video", "", "service video: it is not among those that sleep", 0},
		"one that was deleted":        {"gone", "", "service gone: ECS knows no service gone-service; deploy the Services stack", 0},
		"no right to look":            {"llama", "describe service", "describing llama-service: AccessDenied", 0},
		"no right to wake":            {"llama", "update service", "asking for one task of llama-service: AccessDenied", 0},
		"no right to see the group":   {"llama", "describe group", "describing group serving-spot: AccessDenied", 1},
		"no right to fill the group":  {"llama", "fill group", "bringing an instance of group serving-spot: AccessDenied", 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(0, 0)
			c.fails[test.fails] = refused
			require.ErrorContains(t, c.invoker().Invoke(t.Context(), wake.Call{Worker: test.service}), test.want)
			require.Equal(t, test.tasks, c.tasks["main/llama-service"])
			require.Zero(t, c.instances["serving-spot"])
		})
	}
}

func TestManyProcessesWakeAServiceTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(0, 0)
		c.last["llama"] = time.Now() // a worker of the same name had its turn
		var all sync.WaitGroup
		for range 10 {
			waker := wake.New(wake.Options{Invoker: c.invoker(), Fleet: wake.Turns{Store: c}})
			for range 100 {
				all.Go(func() { waker.Wake(t.Context(), "llama") })
			}
		}
		all.Wait()
		require.Equal(t, []string{"describe service", "update service", "describe group", "fill group"}, c.calls)
	})
}
