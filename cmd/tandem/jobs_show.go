package main

import (
	"context"
	"fmt"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/jobview"
	"tandem/runtime/httpapi/api"
)

type jobsGet struct {
	ID string `arg:"" help:"Its id."`
}

// Run shows a job.
func (c *jobsGet) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	job, err := client.Job(ctx, c.ID, 0)
	if err != nil {
		return err
	}
	if g.JSON {
		return display.JSON(s.out, job)
	}
	return jobview.Detail(s.out, job, with.now())
}

type jobsList struct {
	State  []string `help:"Only those in a state: queued, running, succeeded, failed, cancelled or expired; may be repeated." placeholder:"STATE"`
	Worker string   `short:"w" help:"Only those of one worker." placeholder:"NAME"`
	Limit  int      `short:"n" help:"How many at most; 0 is all." default:"50"`
}

// Run lists the jobs of the key's tenant.
func (c *jobsList) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	jobs := []api.Job{}
	for job, err := range client.Jobs(ctx, apiclient.Filter{States: c.State, Worker: c.Worker}, c.Limit) {
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	if g.JSON {
		return display.JSON(s.out, jobs)
	}
	return jobview.List(s.out, jobs, with.now())
}

type jobsWatch struct {
	ID string `arg:"" help:"Its id."`
}

// Run follows a job.
func (c *jobsWatch) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	follower := jobview.Follower{Out: s.out, Talk: s.err, JSON: g.JSON}
	return follower.Follow(c.ID, client.Watch(ctx, c.ID))
}

type jobsCancel struct {
	IDs []string `arg:"" name:"id" help:"Their ids."`
}

// Run cancels jobs.
func (c *jobsCancel) Run(ctx context.Context, parent *jobsCommands, g *globals, s streams, with *services) error {
	client, err := parent.client(ctx, g, with)
	if err != nil {
		return err
	}
	cancelled := []api.Job{}
	for _, id := range c.IDs {
		job, err := client.Cancel(ctx, id)
		if err != nil {
			return fmt.Errorf("cancelling job %s: %w", id, err)
		}
		cancelled = append(cancelled, job)
		words := "cancelled"
		if !apiclient.Over(job) {
			words = "told to stop; 'tandem jobs watch' shows when it has"
		}
		fmt.Fprintf(s.err, "job %s: %s\n", id, words)
	}
	if g.JSON {
		return display.JSON(s.out, cancelled)
	}
	return nil
}
