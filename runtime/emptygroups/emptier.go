package emptygroups

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tandem/runtime/settings"
)

// Options of an [Emptier].
type Options struct {
	// Groups and Cluster are required.
	Groups  Groups
	Cluster Cluster
	// Limit is how long tasks may take to end by themselves. Defaults to 10 min.
	Limit time.Duration
	// Patience is how long instances may take to end once they are told to, before
	// they are terminated one by one. Defaults to 90 s.
	Patience time.Duration
	// Every is how often the groups are looked at. Defaults to 10 s.
	Every time.Duration
	// Forgive is for how long a call may go on failing before the deletion does.
	// Defaults to 2 min: a throttled call is better made again than by a person.
	Forgive time.Duration
	// Log. Defaults to slog.Default.
	Log *slog.Logger
}

// Emptier empties groups.
type Emptier struct{ options Options }

// New makes an Emptier.
func New(options Options) *Emptier {
	if options.Limit == 0 {
		options.Limit = 10 * time.Minute
	}
	if options.Patience == 0 {
		options.Patience = 90 * time.Second
	}
	if options.Every == 0 {
		options.Every = 10 * time.Second
	}
	if options.Forgive == 0 {
		options.Forgive = 2 * time.Minute
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Emptier{options}
}

// launch is the process by which a group replaces what has ended.
const launch = "Launch"

// Prepare suspends the processes that the request names in all of its groups.
func (e *Emptier) Prepare(ctx context.Context, request settings.EmptyRequest) error {
	if len(request.SuspendProcesses) == 0 {
		return nil
	}
	var errs []error
	for _, group := range request.AutoScalingGroups {
		errs = append(errs, e.options.Groups.Suspend(ctx, group, request.SuspendProcesses))
	}
	return errors.Join(errs...)
}

// Empty returns once no group of the request has an instance any more, or with
// an error that names those that have when the context ends. It may be called
// again at any time.
func (e *Emptier) Empty(ctx context.Context, request settings.EmptyRequest) error {
	var groups []Group
	err := e.insist(ctx, func() (err error) {
		if groups, err = e.options.Groups.Describe(ctx, request.AutoScalingGroups); err != nil || len(groups) == 0 {
			return err
		}
		return e.freeze(ctx, request, groups)
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	if err := e.drain(ctx, request); err != nil {
		return err
	}
	return e.remove(ctx, request)
}

// freeze keeps ECS and the groups from replacing what is about to end.
func (e *Emptier) freeze(ctx context.Context, request settings.EmptyRequest, groups []Group) error {
	var errs []error
	for _, provider := range request.CapacityProviders {
		errs = append(errs, e.options.Cluster.Release(ctx, provider))
	}
	for _, group := range groups {
		errs = append(errs, e.options.Groups.Suspend(ctx, group.Name, []string{launch}))
	}
	return errors.Join(errs...)
}

// drain waits until no host runs a task, and stops what is left at the limit.
func (e *Emptier) drain(ctx context.Context, request settings.EmptyRequest) error {
	limit := time.Now().Add(e.options.Limit)
	for {
		var busy []Host
		err := e.insist(ctx, func() (err error) {
			busy, err = e.busy(ctx, request)
			return err
		})
		if err != nil || len(busy) == 0 {
			return err
		}
		if !time.Now().Before(limit) {
			return e.insist(ctx, func() error { return e.stop(ctx, request.Cluster, busy) })
		}
		e.options.Log.InfoContext(ctx, "waiting for tasks to end", "cluster", request.Cluster, "hosts", len(busy))
		if err := e.pause(ctx); err != nil {
			return fmt.Errorf("waiting for the tasks of %d hosts to end: %w; delete the stack again", len(busy), err)
		}
	}
}

// busy drains the groups' hosts and returns those with tasks.
func (e *Emptier) busy(ctx context.Context, request settings.EmptyRequest) ([]Host, error) {
	groups, err := e.options.Groups.Describe(ctx, request.AutoScalingGroups)
	if err != nil {
		return nil, err
	}
	var instances []string
	for _, group := range groups {
		for _, instance := range group.Instances {
			instances = append(instances, instance.ID)
		}
	}
	hosts, err := e.options.Cluster.Hosts(ctx, request.Cluster, instances)
	if err != nil {
		return nil, err
	}
	var busy []Host
	var open []string
	for _, host := range hosts {
		if host.Tasks > 0 {
			busy = append(busy, host)
		}
		if !host.Draining {
			open = append(open, host.ARN)
		}
	}
	if len(open) > 0 {
		err = e.options.Cluster.Drain(ctx, request.Cluster, open)
	}
	return busy, err
}

func (e *Emptier) stop(ctx context.Context, cluster string, busy []Host) error {
	var errs []error
	for _, host := range busy {
		e.options.Log.WarnContext(ctx, "stopping tasks that have outlasted the limit", "host", host.ARN, "tasks", host.Tasks)
		errs = append(errs, e.options.Cluster.Stop(ctx, cluster, host.ARN))
	}
	return errors.Join(errs...)
}

// remove sets the groups to zero and waits until their instances are gone.
func (e *Emptier) remove(ctx context.Context, request settings.EmptyRequest) error {
	patience := time.Now().Add(e.options.Patience)
	for {
		var left []string
		err := e.insist(ctx, func() error {
			groups, err := e.options.Groups.Describe(ctx, request.AutoScalingGroups)
			if err == nil {
				left, err = e.close(ctx, groups, !time.Now().Before(patience))
			}
			return err
		})
		if err != nil || len(left) == 0 {
			return err
		}
		e.options.Log.InfoContext(ctx, "waiting for instances to end", "groups", left)
		if err := e.pause(ctx); err != nil {
			return fmt.Errorf("waiting for instances to end: %w; still there: %s; delete the stack again", err, strings.Join(left, ", "))
		}
	}
}

// close sets groups to zero and names those that have instances. With force,
// each of them is terminated by itself.
func (e *Emptier) close(ctx context.Context, groups []Group, force bool) ([]string, error) {
	var left []string
	var errs []error
	for _, group := range groups {
		errs = append(errs, e.options.Groups.Open(ctx, group), e.options.Groups.Zero(ctx, group.Name))
		if len(group.Instances) == 0 {
			continue
		}
		left = append(left, fmt.Sprintf("%s (%d)", group.Name, len(group.Instances)))
		for _, instance := range group.Instances {
			if force {
				errs = append(errs, e.options.Groups.Terminate(ctx, instance.ID))
			}
		}
	}
	return left, errors.Join(errs...)
}

// insist makes calls again that fail, for as long as that is forgiven. All of
// them may be made again at any time.
func (e *Emptier) insist(ctx context.Context, calls func() error) error {
	began := time.Now()
	for {
		err := calls()
		if err == nil || time.Since(began) >= e.options.Forgive {
			return err
		}
		e.options.Log.WarnContext(ctx, "trying again", "error", err)
		if late := e.pause(ctx); late != nil {
			return errors.Join(err, late)
		}
	}
}

func (e *Emptier) pause(ctx context.Context) error {
	timer := time.NewTimer(e.options.Every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
