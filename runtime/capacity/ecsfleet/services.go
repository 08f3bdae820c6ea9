package ecsfleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"tandem/runtime/capacity"
)

// Services is what the controller calls of ECS.
type Services interface {
	DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput, options ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(ctx context.Context, in *ecs.UpdateServiceInput, options ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
	ListContainerInstances(ctx context.Context, in *ecs.ListContainerInstancesInput, options ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error)
	DescribeContainerInstances(ctx context.Context, in *ecs.DescribeContainerInstancesInput, options ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error)
	// GetTaskProtection tells which tasks are busy.
	GetTaskProtection(ctx context.Context, in *ecs.GetTaskProtectionInput, options ...func(*ecs.Options)) (*ecs.GetTaskProtectionOutput, error)
	// The rest ends tasks that have outlasted a deploy's drain.
	ListTasks(ctx context.Context, in *ecs.ListTasksInput, options ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(ctx context.Context, in *ecs.DescribeTasksInput, options ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
	StopTask(ctx context.Context, in *ecs.StopTaskInput, options ...func(*ecs.Options)) (*ecs.StopTaskOutput, error)
}

// describeLimit is the most services that one call describes
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html, 2026-11-24).
const describeLimit = 10

// service is one ECS service.
type service struct {
	// tasks of the current revision.
	tasks capacity.Tasks
	// desired is the count that ECS has, tasks of old revisions included.
	desired int
	// old is how many tasks of earlier deploys run.
	old int
	// family and revision of the current task definition, and since when it is that.
	family   string
	revision int
	deployed time.Time
}

// describeServices returns the services of the fleet that exist.
func (c *Controller) describeServices(ctx context.Context) (map[string]service, error) {
	var names []string
	for _, worker := range c.options.Fleet.Workers {
		for _, name := range []string{worker.Spot, worker.OnDemand} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var mutex sync.Mutex
	services := make(map[string]service, len(names))
	var calls []func() error
	for batch := range slices.Chunk(names, describeLimit) {
		calls = append(calls, func() error {
			out, err := c.options.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.options.Cluster, Services: batch})
			if err != nil {
				return fmt.Errorf("describing services %q of cluster %s: %w", batch, c.options.Cluster, err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			for _, found := range out.Services {
				if aws.ToString(found.Status) != "INACTIVE" {
					services[aws.ToString(found.ServiceName)] = read(found)
				}
			}
			return nil
		})
	}
	return services, together(calls...)
}

func read(found types.Service) service {
	s := service{desired: int(found.DesiredCount)}
	pending, runs := int(found.PendingCount), int(found.RunningCount)
	definition := aws.ToString(found.TaskDefinition)
	for _, deployment := range found.Deployments {
		if aws.ToString(deployment.Status) == "PRIMARY" {
			s.deployed = aws.ToTime(deployment.CreatedAt)
			definition = aws.ToString(deployment.TaskDefinition)
			continue
		}
		s.old += int(deployment.RunningCount)
		runs -= int(deployment.RunningCount)
		pending -= int(deployment.PendingCount)
	}
	s.family, s.revision = familyOf(definition)
	s.tasks = capacity.Tasks{Desired: max(0, s.desired-s.old), Pending: max(0, pending), Running: max(0, runs)}
	return s
}

// familyOf reads arn:aws:ecs:<region>:<account>:task-definition/<family>:<revision>.
func familyOf(definition string) (string, int) {
	name := definition[strings.LastIndexByte(definition, '/')+1:]
	family, number, _ := strings.Cut(name, ":")
	revision, _ := strconv.Atoi(number)
	return family, revision
}

// pair returns a worker's two services; one that it has no name for is zero.
func (s *seen) pair(spot, onDemand string) (one, other service, err error) {
	for name, into := range map[string]*service{spot: &one, onDemand: &other} {
		if name == "" {
			continue
		}
		found, exists := s.services[name]
		if !exists {
			return one, other, fmt.Errorf("ECS does not know the service %s; deploy the Workers stack again", name)
		}
		*into = found
	}
	return one, other, nil
}

// setCount sets the count of a service for so many tasks of the current
// revision. Those of old ones count beside them: with a maximum of 100 % ECS
// starts none in their place, and a lower count would ask for their end.
func (c *Controller) setCount(ctx context.Context, name string, before service, tasks int) error {
	count := tasks + before.old
	if name == "" || before.desired == count {
		return nil
	}
	_, err := c.options.Services.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &c.options.Cluster, Service: &name, DesiredCount: aws.Int32(int32(count)),
	})
	if err != nil {
		return fmt.Errorf("setting service %s to %d tasks: %w", name, count, err)
	}
	return nil
}
