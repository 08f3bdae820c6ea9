// Package ecsfleet sees and scales a fleet on ECS: it reads queues and services,
// asks capacity.Decide, and sets the services' counts and the Auto Scaling
// groups' desired capacity. It decides nothing itself.
package ecsfleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// Depths counts messages; the part of jobs.Queue that is used.
type Depths interface {
	Depth(ctx context.Context, lane jobs.Lane) (jobs.Depth, error)
}

// Status keeps how many tasks each worker has, for those who would wake it;
// see wake/fleetstatus.
type Status interface {
	Save(ctx context.Context, worker string, tasks int) error
}

// Options of a [Controller].
type Options struct {
	// Cluster is its name. Required.
	Cluster string
	// Fleet is what may be scaled, and within which bounds.
	Fleet settings.Fleet
	// Lanes of the workers.
	Lanes []jobs.Lane
	// Depths of the lanes' queues. Required.
	Depths Depths
	// Services is ECS. Required.
	Services Services
	// Groups is Auto Scaling. Required where a worker runs on a group.
	Groups Groups
	// Status is required.
	Status Status
	// Log is required.
	Log *slog.Logger
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Controller scales a fleet, a run at a time.
type Controller struct {
	options Options
	memory  capacity.Memory
}

// New makes a Controller.
func New(options Options) *Controller {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Controller{options: options}
}

// RunOnce looks at the fleet, decides and acts. What cannot be seen fails the
// run before anything is changed; what cannot be changed does not keep the rest
// from being, and the errors come joined.
func (c *Controller) RunOnce(ctx context.Context) error {
	observed, err := c.observe(ctx)
	if err != nil {
		return err
	}
	decision := capacity.Decide(observed, c.policy())
	c.memory = decision.Memory
	var errs []error
	for i, worker := range decision.Workers {
		if err := c.scale(ctx, observed.Workers[i], worker); err != nil {
			errs = append(errs, fmt.Errorf("scaling worker %s: %w", worker.Name, err))
		}
	}
	for i, group := range decision.Groups {
		if err := c.raise(ctx, observed.Groups[i], group); err != nil {
			errs = append(errs, fmt.Errorf("raising capacity group %s: %w", group.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Controller) observe(ctx context.Context) (capacity.Observed, error) {
	observed := capacity.Observed{At: c.options.Now(), Memory: c.memory}
	tasks, err := c.tasks(ctx)
	if err != nil {
		return observed, err
	}
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Workers)) {
		fleet := c.options.Fleet.Workers[name]
		worker := capacity.WorkerObserved{Name: name, Spot: tasks[fleet.Spot], OnDemand: tasks[fleet.OnDemand]}
		for _, lane := range c.options.Lanes {
			if lane.Worker != name {
				continue
			}
			depth, err := c.options.Depths.Depth(ctx, lane)
			if err != nil {
				return observed, fmt.Errorf("observing worker %s: %w", name, err)
			}
			worker.Waiting += depth.Visible + depth.Delayed
			worker.Running += depth.InFlight
		}
		// Which tasks are the busy ones is not asked for: as many as could be.
		worker.Spot.Busy = min(worker.Spot.Running, worker.Running)
		worker.OnDemand.Busy = min(worker.OnDemand.Running, worker.Running)
		observed.Workers = append(observed.Workers, worker)
	}
	observed.Groups, err = c.groups(ctx)
	return observed, err
}

func (c *Controller) scale(ctx context.Context, before capacity.WorkerObserved, after capacity.WorkerDecision) error {
	worker := c.options.Fleet.Workers[after.Name]
	c.options.Log.InfoContext(ctx, "decided", "worker", after.Name, "spot", after.Spot, "onDemand", after.OnDemand,
		"spotBefore", before.Spot.Desired, "onDemandBefore", before.OnDemand.Desired, "limited", after.Limited,
		"fallback", after.Fallback, "reason", after.Reason)
	return errors.Join(
		c.set(ctx, worker.Spot, before.Spot.Desired, after.Spot),
		c.set(ctx, worker.OnDemand, before.OnDemand.Desired, after.OnDemand),
		c.options.Status.Save(ctx, after.Name, after.Tasks()),
	)
}

func (c *Controller) set(ctx context.Context, service string, before, after int) error {
	if service == "" || before == after {
		return nil
	}
	return c.setCount(ctx, service, after)
}

// raise makes room for tasks that have just been asked for: desired count alone
// brings instances only by way of a metric a minute. It never lowers a group:
// which instances are empty is known to ECS's managed scaling, and services share them.
func (c *Controller) raise(ctx context.Context, before capacity.GroupObserved, after capacity.GroupDecision) error {
	group := c.options.Fleet.Groups[after.Name]
	return errors.Join(
		c.raiseTo(ctx, group.Spot, before.Spot.Desired, after.Spot),
		c.raiseTo(ctx, group.OnDemand, before.OnDemand.Desired, after.OnDemand),
	)
}
