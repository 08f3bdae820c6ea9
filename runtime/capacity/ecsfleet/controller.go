// Package ecsfleet sees and scales a fleet on ECS: it reads queues, services,
// groups and what is kept of earlier runs, asks capacity.Decide, writes the
// decision, and sets the services' counts and the Auto Scaling groups' desired
// capacity. It decides nothing itself.
//
// A run writes its decision before it acts, on the condition that no other run
// has written meanwhile: of two at once, one changes nothing. It acts on the
// difference between what is and what should be, so a run that was cut off is
// made up for by the next.
package ecsfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// Depths counts messages; the part of jobs.Queue that is used.
type Depths interface {
	Depth(ctx context.Context, lane jobs.Lane) (jobs.Depth, error)
}

// State keeps what one run hands to the next; see capacity/dynamofleet.
type State interface {
	Load(ctx context.Context) (fleetstate.Snapshot, error)
	// Save returns fleetstate.ErrConflict where another run has written since.
	Save(ctx context.Context, state fleetstate.State, saved fleetstate.Saved) error
}

// Drainer tells running attempts to give their jobs back by a time; see jobs.Drain.
type Drainer interface {
	Drain(ctx context.Context, owned func(owner string) bool, by time.Time) (int, error)
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
	// State is required.
	State State
	// Drainer tells tasks of an old revision to come to an end. Defaults to none,
	// which leaves them until they are idle.
	Drainer Drainer
	// Release names the metrics' dimensions.
	Release settings.Release
	// Metrics takes CloudWatch's embedded metric format, a line each. Defaults to nowhere.
	Metrics io.Writer
	// Log is required.
	Log *slog.Logger
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Controller scales a fleet, a run at a time. It remembers nothing itself, so
// that any number of processes may hold one.
type Controller struct {
	options Options
	policy  capacity.Policy
}

// New makes a Controller.
func New(options Options) *Controller {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Metrics == nil {
		options.Metrics = io.Discard
	}
	c := &Controller{options: options}
	c.policy = c.newPolicy()
	return c
}

// tries is how often a run that must not be lost is made anew after another was
// faster.
const tries = 4

// Run looks at the fleet, decides and acts, for a reason. A run that lost to
// another changes nothing and is no error; where its reason would be forgotten
// with it, it is made anew.
func (c *Controller) Run(ctx context.Context, trigger Trigger) error {
	c.tellStages(ctx, trigger)
	for try := 1; ; try++ {
		err := c.once(ctx, trigger)
		if !errors.Is(err, fleetstate.ErrConflict) {
			return err
		}
		c.options.Log.InfoContext(ctx, "another run was faster; this one changes nothing", "source", string(trigger.Source), "try", try)
		if !trigger.matters() || try == tries {
			return nil
		}
	}
}

// once is one run. What cannot be seen fails it before anything is changed;
// what cannot be changed does not keep the rest from being.
func (c *Controller) once(ctx context.Context, trigger Trigger) error {
	seen, err := c.observe(ctx, trigger)
	if err != nil {
		return err
	}
	decision := capacity.Decide(seen.observed, c.policy)
	state, saved := c.next(seen, decision)
	if err := c.options.State.Save(ctx, state, saved); err != nil {
		return err
	}
	c.tellDecision(ctx, seen, decision, state)
	err = c.act(ctx, seen, decision)
	if trigger.Source == Wake {
		c.tellWake(ctx, trigger)
	}
	if missing := errors.Join(seen.missing...); missing != nil {
		err = errors.Join(err, fmt.Errorf("seeing the whole fleet: %w", missing))
	}
	return err
}
