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
}

// Controller scales a fleet, a run at a time.
type Controller struct{ options Options }

// New makes a Controller.
func New(options Options) *Controller { return &Controller{options} }

// RunOnce looks at every worker and scales it. A worker or group that fails does
// not keep the others from being scaled; the errors come joined.
func (c *Controller) RunOnce(ctx context.Context) error {
	counts, err := c.counts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	decisions := map[string]capacity.Decision{}
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Workers)) {
		decision, err := c.scale(ctx, name, counts)
		if err != nil {
			errs = append(errs, fmt.Errorf("scaling worker %s: %w", name, err))
			continue
		}
		decisions[name] = decision
	}
	for _, name := range slices.Sorted(maps.Keys(c.options.Fleet.Groups)) {
		if err := c.raise(ctx, name, decisions); err != nil {
			errs = append(errs, fmt.Errorf("raising capacity group %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Controller) scale(ctx context.Context, name string, counts map[string]int) (capacity.Decision, error) {
	worker := c.options.Fleet.Workers[name]
	observed := capacity.Observed{Spot: counts[worker.Spot], OnDemand: counts[worker.OnDemand]}
	for _, lane := range c.options.Lanes {
		if lane.Worker != name {
			continue
		}
		depth, err := c.options.Depths.Depth(ctx, lane)
		if err != nil {
			return capacity.Decision{}, err
		}
		observed.Waiting += depth.Visible + depth.Delayed
		observed.Running += depth.InFlight
	}
	decision := capacity.Decide(observed, policy(worker))
	c.options.Log.InfoContext(ctx, "decided", "worker", name, "spot", decision.Spot, "onDemand", decision.OnDemand,
		"spotBefore", observed.Spot, "onDemandBefore", observed.OnDemand, "reason", decision.Reason)
	err := errors.Join(
		c.set(ctx, worker.Spot, observed.Spot, decision.Spot),
		c.set(ctx, worker.OnDemand, observed.OnDemand, decision.OnDemand),
		c.options.Status.Save(ctx, name, decision.Tasks()),
	)
	return decision, err
}

func policy(worker settings.FleetWorker) capacity.Policy {
	return capacity.Policy{
		Slots: worker.Slots, Minimum: worker.Minimum, Maximum: worker.Maximum, OnDemandBase: worker.OnDemandBase,
		HasSpot: worker.Spot != "", HasOnDemand: worker.OnDemand != "",
	}
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
func (c *Controller) raise(ctx context.Context, name string, decisions map[string]capacity.Decision) error {
	group := c.options.Fleet.Groups[name]
	var spot, onDemand []capacity.Load
	for worker, decision := range decisions {
		if fleet := c.options.Fleet.Workers[worker]; fleet.Group == name {
			spot = append(spot, capacity.Load{Tasks: decision.Spot, GPUs: fleet.GPUs})
			onDemand = append(onDemand, capacity.Load{Tasks: decision.OnDemand, GPUs: fleet.GPUs})
		}
	}
	return errors.Join(
		c.raiseTo(ctx, group.Spot, min(capacity.Instances(group.GPUs, spot...), group.SpotMaximum)),
		c.raiseTo(ctx, group.OnDemand, min(capacity.Instances(group.GPUs, onDemand...), group.OnDemandMaximum)),
	)
}
