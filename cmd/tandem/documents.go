package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/documentlist"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/documents"
)

type documentsCommands struct {
	Name string `help:"Kind of upload, a key of documents in the configuration. Default: the only one." placeholder:"NAME"`

	List    documentsList    `cmd:"" help:"List what became of uploads, newest first."`
	Redrive documentsRedrive `cmd:"" help:"Have uploads analysed again that failed for good."`
}

type documentsList struct {
	State []string `help:"Only those in a state: running, retry, done, moved or failed; may be repeated." placeholder:"STATE"`
}

// Run lists documents.
func (c *documentsList) Run(ctx context.Context, parent *documentsCommands, g *globals, s streams, with *services) error {
	known := []documents.State{documents.Running, documents.Retry, documents.Done, documents.Moved, documents.Failed}
	var states []documents.State
	for _, state := range c.State {
		if !slices.Contains(known, documents.State(state)) {
			return exit.With(exit.Usage, fmt.Errorf("--state: there is no state %q, there are %v", state, known))
		}
		states = append(states, documents.State(state))
	}
	trigger, err := parent.trigger(ctx, g, with)
	if err != nil {
		return err
	}
	records, err := trigger.List(ctx, states...)
	if err != nil {
		return err
	}
	if g.JSON {
		return display.JSON(s.out, documentlist.Sorted(records))
	}
	return documentlist.Table(s.out, records)
}

type documentsRedrive struct {
	Keys   []string `arg:"" optional:"" name:"key" help:"Their keys in the bucket. Default: all that failed."`
	DryRun bool     `help:"Say which it would be, and do nothing."`
}

// Run has failed documents analysed again.
func (c *documentsRedrive) Run(ctx context.Context, parent *documentsCommands, g *globals, s streams, with *services) error {
	trigger, err := parent.trigger(ctx, g, with)
	if err != nil {
		return err
	}
	started, err := documentlist.Redrive(ctx, trigger, c.Keys, c.DryRun)
	// What was started before an error is shown all the same.
	if g.JSON {
		return errors.Join(display.JSON(s.out, started), err)
	}
	for _, record := range started {
		fmt.Fprintln(s.out, record.Source.Key)
	}
	words := "are analysed again"
	if c.DryRun {
		words = "would be analysed again"
	}
	fmt.Fprintf(s.err, "%d documents %s\n", len(started), words)
	return err
}

func (c *documentsCommands) trigger(ctx context.Context, g *globals, with *services) (documentlist.Trigger, error) {
	opened, found, err := with.deployment(ctx, g, deployed.NeedState)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(found.Documents))
	name := c.Name
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	switch {
	case len(names) == 0:
		return nil, exit.With(exit.NotFound, fmt.Errorf("the deployment of %s takes no documents", g.Env))
	case name == "":
		return nil, exit.With(exit.Usage, fmt.Errorf("--name: say which of %v", names))
	case !slices.Contains(names, name):
		return nil, exit.With(exit.NotFound, fmt.Errorf("there is no kind of document %s, there are %v", name, names))
	}
	return opened.Documents(found, name), nil
}
