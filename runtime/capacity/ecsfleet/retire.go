package ecsfleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/capacity"
)

const (
	// dryFor is how long after a launch that failed no instance is given up for a
	// newer one, which might not come.
	dryFor = 15 * time.Minute
	// protectionLimit is the most tasks that one call tells the protection of
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html, 2026-11-24).
	protectionLimit = 10
)

// retire replaces one instance of an earlier launch template whose workers have
// nothing to do: one that always has tasks is never let go by ECS, and would keep
// its old image for good. One a run at most, in turns, and only while all others
// of its group are there; a wake does not wait for it.
//
// Its tasks end by ECS's managed draining. A worker that has claimed a job since
// it was looked at gives it back as at a spot notice.
func (c *Controller) retire(ctx context.Context, s *seen) error {
	group, old := c.retirable(s)
	if s.trigger.Source != Schedule || len(old) == 0 {
		return nil
	}
	// Another one each minute, so that a busy one does not hold up the rest.
	id := old[int(s.observed.At.Unix()/60)%len(old)]
	idle, err := c.workersIdle(ctx, id)
	if err != nil || !idle {
		return wrap(err, "looking at instance %s of an earlier launch template", id)
	}
	c.options.Log.InfoContext(ctx, "replacing an instance of an earlier launch template", "instance", id, "group", group)
	_, err = c.options.Groups.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: &id, ShouldDecrementDesiredCapacity: aws.Bool(false),
	})
	return wrap(err, "replacing instance %s of an earlier launch template", id)
}

// retirable is the first group with instances of an earlier launch template in
// which one could be spared for as long as its replacement takes, and those.
func (c *Controller) retirable(s *seen) (string, []string) {
	for _, observed := range s.observed.Groups {
		names := c.options.Fleet.Groups[observed.Name]
		for i, counts := range []capacity.Instances{observed.Spot, observed.OnDemand} {
			name := []string{names.Spot, names.OnDemand}[i]
			whole := counts.InService >= counts.Desired && counts.Pending+counts.Impaired+counts.Draining == 0
			if name == "" || !whole || failedLately(observed, i == 0, s.observed.At) {
				continue
			}
			var old []string
			for _, member := range s.groups[name].instances {
				if member.old && member.inService {
					old = append(old, member.id)
				}
			}
			if len(old) > 0 {
				slices.Sort(old)
				return name, old
			}
		}
	}
	return "", nil
}

func failedLately(group capacity.GroupObserved, spot bool, now time.Time) bool {
	return slices.ContainsFunc(group.Trouble, func(t capacity.Trouble) bool { return t.Spot == spot && now.Sub(t.At) < dryFor })
}

// workersIdle says whether tasks of workers run on an instance, and none of them
// has a job. One without such tasks is left to ECS, which lets it go by itself.
func (c *Controller) workersIdle(ctx context.Context, instance string) (bool, error) {
	cluster := &c.options.Cluster
	found, err := c.options.Services.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{Cluster: cluster, Filter: aws.String("ec2InstanceId == " + instance)})
	if err != nil || len(found.ContainerInstanceArns) != 1 {
		return false, wrap(err, "finding it in cluster %s", *cluster)
	}
	list, err := c.options.Services.ListTasks(ctx, &ecs.ListTasksInput{Cluster: cluster, ContainerInstance: &found.ContainerInstanceArns[0]})
	if err != nil || len(list.TaskArns) == 0 {
		return false, wrap(err, "listing its tasks")
	}
	tasks, err := c.options.Services.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: cluster, Tasks: list.TaskArns})
	if err != nil {
		return false, fmt.Errorf("describing its tasks: %w", err)
	}
	var ours []string
	for _, task := range tasks.Tasks {
		if c.workerOf(strings.TrimPrefix(aws.ToString(task.Group), "service:")) != "" {
			ours = append(ours, aws.ToString(task.TaskArn))
		}
	}
	for batch := range slices.Chunk(ours, protectionLimit) {
		out, err := c.options.Services.GetTaskProtection(ctx, &ecs.GetTaskProtectionInput{Cluster: cluster, Tasks: batch})
		if err != nil {
			return false, fmt.Errorf("asking whether its tasks are busy: %w", err)
		}
		// One of which nothing is known may have a job.
		if len(out.Failures) > 0 || len(out.ProtectedTasks) < len(batch) {
			return false, nil
		}
		for _, task := range out.ProtectedTasks {
			if task.ProtectionEnabled {
				return false, nil
			}
		}
	}
	return len(ours) > 0, nil
}

// isOld says whether an instance was launched by another template than its group
// has now. A version that is no number tells nothing.
func isOld(group types.AutoScalingGroup, member types.Instance) bool {
	current := group.LaunchTemplate
	if mixed := group.MixedInstancesPolicy; mixed != nil && mixed.LaunchTemplate != nil {
		current = mixed.LaunchTemplate.LaunchTemplateSpecification
	}
	if current == nil || member.LaunchTemplate == nil || strings.HasPrefix(aws.ToString(current.Version), "$") {
		return false
	}
	return aws.ToString(current.LaunchTemplateId) != aws.ToString(member.LaunchTemplate.LaunchTemplateId) ||
		aws.ToString(current.Version) != aws.ToString(member.LaunchTemplate.Version)
}
