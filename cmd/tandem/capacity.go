package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/cmd/tandem/internal/capacityview"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
)

type capacityCommands struct {
	Show capacityShow `cmd:"" help:"Show what was decided last for each worker, and why."`
}

type capacityShow struct {
	Worker string `short:"w" help:"Only one worker." placeholder:"NAME"`
}

// Run shows the last decision.
func (c *capacityShow) Run(ctx context.Context, g *globals, s streams, with *services) error {
	opened, found, err := with.deployment(ctx, g, deployed.NeedState)
	if err != nil {
		return err
	}
	state, err := opened.Fleet(ctx, found)
	if err != nil {
		return err
	}
	if state.At.IsZero() {
		return exit.With(exit.NotFound, fmt.Errorf(
			"the capacity controller of %s has decided nothing yet; it runs each minute once the Workers stack is deployed", g.Env))
	}
	if _, known := state.Decision.Workers[c.Worker]; c.Worker != "" && !known {
		return exit.With(exit.NotFound, fmt.Errorf("nothing was decided for a worker %s, only for %v",
			c.Worker, slices.Sorted(maps.Keys(state.Decision.Workers))))
	}
	now := with.now()
	view := capacityview.New(state, c.Worker, now)
	if view.Stale {
		fmt.Fprintf(s.err, "tandem: this is %s old, and the controller decides each minute: look at the alarm ControllerFails and the log of its function\n",
			display.Span(now.Sub(view.At).Truncate(time.Second)))
	}
	if g.JSON {
		return display.JSON(s.out, view)
	}
	return view.Print(s.out, now)
}
