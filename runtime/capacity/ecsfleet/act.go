package ecsfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetreport"
)

// act makes what is into what was decided, all at once: a first job waits for
// it. What cannot be changed does not keep the rest from being.
func (c *Controller) act(ctx context.Context, s *seen, decision capacity.Decision) error {
	var calls []func() error
	for _, decided := range decision.Workers {
		names := c.options.Fleet.Workers[decided.Name]
		calls = append(calls, func() error {
			err := errors.Join(
				c.setCount(ctx, names.Spot, s.services[names.Spot], decided.Spot),
				c.setCount(ctx, names.OnDemand, s.services[names.OnDemand], decided.OnDemand),
			)
			return wrap(err, "scaling worker %s", decided.Name)
		}, func() error {
			return wrap(c.endDrains(ctx, s, decided.Name), "draining worker %s after a deploy", decided.Name)
		})
	}
	for _, decided := range decision.Groups {
		names := c.options.Fleet.Groups[decided.Name]
		calls = append(calls, func() error {
			err := errors.Join(
				c.raiseTo(ctx, names.Spot, s.groups, decided.Spot),
				c.raiseTo(ctx, names.OnDemand, s.groups, decided.OnDemand),
			)
			return wrap(err, "raising capacity group %s", decided.Name)
		})
	}
	calls = append(calls, func() error { return c.retire(ctx, s) })
	return together(calls...)
}

func wrap(err error, format string, values ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(values, err)...)
}

// stopAfter is how long past its drain a task may still run before it is
// stopped: it has heard of the end with each renewal, and so does not renew.
const stopAfter = 10 * time.Minute

// endDrains tells the tasks of earlier revisions by when they must have come to
// an end, and stops those that have not.
func (c *Controller) endDrains(ctx context.Context, s *seen, worker string) error {
	names := c.options.Fleet.Workers[worker]
	var errs []error
	for _, name := range []string{names.Spot, names.OnDemand} {
		found := s.services[name]
		if found.old == 0 || found.deployed.IsZero() {
			continue
		}
		by := found.deployed.Add(seconds(names.DeployDrain))
		if s.observed.At.After(by.Add(stopAfter)) {
			errs = append(errs, c.stopOld(ctx, name, found))
		} else if c.options.Drainer != nil {
			family := fleetreport.Mark(found.family)
			told, err := c.options.Drainer.Drain(ctx, func(owner string) bool {
				o := fleetreport.ParseOwner(owner)
				return o.Family == family && o.Revision != found.revision
			}, by)
			errs = append(errs, err)
			if told > 0 {
				c.options.Log.InfoContext(ctx, "told jobs of an old revision to come to an end", "service", name, "jobs", told, "by", by)
			}
		}
	}
	return errors.Join(errs...)
}

// stopOld stops the tasks of a service that are not of its current revision.
func (c *Controller) stopOld(ctx context.Context, name string, found service) error {
	list, err := c.options.Services.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &c.options.Cluster, ServiceName: &name})
	if err != nil {
		return fmt.Errorf("listing the tasks of %s: %w", name, err)
	}
	if len(list.TaskArns) == 0 {
		return nil
	}
	tasks, err := c.options.Services.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &c.options.Cluster, Tasks: list.TaskArns})
	if err != nil {
		return fmt.Errorf("describing the tasks of %s: %w", name, err)
	}
	var errs []error
	for _, task := range tasks.Tasks {
		family, revision := familyOf(aws.ToString(task.TaskDefinitionArn))
		if family == found.family && revision == found.revision {
			continue
		}
		c.options.Log.WarnContext(ctx, "stopping a task of an old revision that has outlasted its drain", "service", name, "task", aws.ToString(task.TaskArn))
		_, err := c.options.Services.StopTask(ctx, &ecs.StopTaskInput{Cluster: &c.options.Cluster, Task: task.TaskArn,
			Reason: aws.String("the task is of an old revision and has outlasted workers.*.deployDrain")})
		errs = append(errs, wrap(err, "stopping task %s", aws.ToString(task.TaskArn)))
	}
	return errors.Join(errs...)
}
