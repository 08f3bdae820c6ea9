package main

import (
	"context"
	"errors"
	"fmt"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/moment"
	"tandem/cmd/tandem/internal/redrive"
	"tandem/runtime/jobs"
)

type jobsRedrive struct {
	IDs    []string `arg:"" optional:"" name:"id" help:"Their ids. Default: all that the options select."`
	Tenant string   `help:"Whose jobs, as an operator: on the state table, with AWS credentials. Default: those of the key's tenant, through the API." placeholder:"NAME"`
	State  []string `help:"Only those in a state: failed, cancelled or expired; may be repeated. Default: failed." placeholder:"STATE"`
	Worker string   `short:"w" help:"Only those of one worker." placeholder:"NAME"`
	Since  string   `help:"Only those submitted since: a span before now such as 24h, or a time." placeholder:"WHEN"`
	Before string   `help:"Only those submitted before: a span before now, or a time." placeholder:"WHEN"`
	DryRun bool     `help:"Say which it would be, and do nothing."`
}

// Help is shown by --help.
func (jobsRedrive) Help() string {
	return `A tenant puts its own jobs back through the API, with its key. An operator names
the tenant with --tenant, and works on the state table with AWS credentials:
--env names the deployment, and no key is needed. Attempts start from zero,
stored steps and checkpoints stay, a deadline that has passed is dropped.`
}

// Run puts jobs back into the queue.
func (c *jobsRedrive) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	filter, err := c.filter(with)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	run, err := c.how(ctx, parent, g, with)
	if err != nil {
		return err
	}
	bar := display.Spinner(s.err, "looking through jobs")
	done, err := run(redrive.Request{Tenant: c.Tenant, IDs: c.IDs, Filter: filter, DryRun: c.DryRun}, bar.Describe)
	bar.Done()
	// What was done before an error is shown all the same.
	words := "back in the queue"
	if c.DryRun {
		words = "would be put back into the queue"
	}
	if g.JSON {
		return errors.Join(display.JSON(s.out, done), err)
	}
	for _, id := range done.IDs {
		fmt.Fprintln(s.out, id)
	}
	fmt.Fprintf(s.err, "%d jobs %s\n", len(done.IDs), words)
	return err
}

// how is on the state table for an operator, and through the API for a caller.
func (c *jobsRedrive) how(ctx context.Context, parent *jobsCommands, g *globals, with *services) (func(redrive.Request, func(string)) (redrive.Done, error), error) {
	if c.Tenant == "" {
		client, err := parent.client(ctx, g, with)
		return func(request redrive.Request, say func(string)) (redrive.Done, error) {
			return redrive.RunAsCaller(ctx, client, request, say)
		}, err
	}
	opened, found, err := with.deployment(ctx, g, deployed.NeedState, deployed.NeedQueue)
	if err != nil {
		return nil, err
	}
	return func(request redrive.Request, say func(string)) (redrive.Done, error) {
		return redrive.Run(ctx, opened.Jobs(found), request, say)
	}, nil
}

func (c *jobsRedrive) filter(with *services) (jobs.Filter, error) {
	filter := jobs.Filter{Worker: c.Worker}
	for _, state := range c.State {
		filter.States = append(filter.States, jobs.State(state))
	}
	var err error
	if filter.CreatedFrom, err = moment.Ago(c.Since, with.now()); err != nil {
		return filter, fmt.Errorf("--since: %w", err)
	}
	if filter.CreatedBefore, err = moment.Ago(c.Before, with.now()); err != nil {
		return filter, fmt.Errorf("--before: %w", err)
	}
	if len(c.IDs) > 0 && (len(c.State) > 0 || c.Worker != "" || c.Since != "" || c.Before != "") {
		return filter, errors.New("name jobs by their ids or select them by options, not both")
	}
	return filter, nil
}
