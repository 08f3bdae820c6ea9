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
	Tenant string   `required:"" help:"Whose jobs." placeholder:"NAME"`
	State  []string `help:"Only those in a state: failed, cancelled or expired; may be repeated. Default: failed." placeholder:"STATE"`
	Worker string   `short:"w" help:"Only those of one worker." placeholder:"NAME"`
	Since  string   `help:"Only those submitted since: a span before now such as 24h, or a time." placeholder:"WHEN"`
	Before string   `help:"Only those submitted before: a span before now, or a time." placeholder:"WHEN"`
	DryRun bool     `help:"Say which it would be, and do nothing."`
}

// Help is shown by --help.
func (jobsRedrive) Help() string {
	return `It works on the state table with your AWS credentials, not through the API: --env
names the deployment, and no key is needed. Attempts start from zero, stored
steps and checkpoints stay, a deadline that has passed is dropped.`
}

// Run puts jobs back into the queue.
func (c *jobsRedrive) Run(ctx context.Context, g *globals, s streams, with *services) error {
	filter, err := c.filter(with)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	opened, found, err := with.deployment(ctx, g, deployed.NeedState, deployed.NeedQueue)
	if err != nil {
		return err
	}
	bar := display.Spinner(s.err, "looking through jobs")
	done, err := redrive.Run(ctx, opened.Jobs(found), redrive.Request{Tenant: c.Tenant, IDs: c.IDs, Filter: filter, DryRun: c.DryRun}, bar.Describe)
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
