package main

import (
	"context"
	"errors"
	"fmt"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/exit"
	"tandem/config"
)

type doctorCommand struct {
	Before   bool   `help:"Only what a deploy needs: quotas, roles, keys, zones, secrets." xor:"when"`
	After    bool   `help:"Only what is deployed: stacks, API, queues, leases, dead letters, launches, functions." xor:"when"`
	Assembly string `help:"Folder that was synthesised, to find stacks that no longer are." default:"cdk.out" placeholder:"DIR"`
}

// Help is shown by --help.
func (doctorCommand) Help() string {
	return `It changes nothing. Each check answers ok, warn, fail or skipped, and what to do
next; one that may not look is skipped and says which permission it lacks. The
exit code is 1 if any check failed.`
}

// Run examines an environment.
func (c *doctorCommand) Run(ctx context.Context, g *globals, s streams, with *services) error {
	loaded, err := g.environment()
	if err != nil {
		return err
	}
	opened, err := with.open(ctx, loaded.Config.AWS.Region)
	if err != nil {
		return err
	}
	var checks []doctor.Check
	if !c.After {
		checks = append(checks, doctor.Before(opened, loaded)...)
	}
	if !c.Before {
		after, err := c.after(ctx, g, opened, loaded, with)
		if err != nil {
			return err
		}
		checks = append(checks, after...)
	}
	lines := examine(ctx, checks, s)
	if g.JSON {
		err = display.JSON(s.out, lines)
	} else {
		err = doctor.Report(s.out, lines)
		fmt.Fprintln(s.err, doctor.Summary(lines))
	}
	if err == nil && doctor.Count(lines, doctor.Fail) > 0 {
		return exit.With(exit.Failed, errors.New(g.Env+" is not well"))
	}
	return err
}

func examine(ctx context.Context, checks []doctor.Check, s streams) []doctor.Line {
	bar := display.Steps(s.err, "examining", len(checks))
	defer bar.Done()
	return doctor.Run(ctx, checks, bar.Add, func(err error) string {
		if cloud.Denied(err) {
			return "not allowed: " + err.Error()
		}
		return err.Error()
	})
}

func (c *doctorCommand) after(ctx context.Context, g *globals, opened account, loaded *config.Loaded, with *services) ([]doctor.Check, error) {
	found, err := deployed.Find(ctx, opened, loaded.Config.Name, g.Env)
	if err != nil {
		return nil, err
	}
	d := doctor.Deployment{Deployment: found, Config: loaded.Config, Assembly: c.Assembly, Now: with.now()}
	if found.URL != "" {
		client, err := apiclient.New(apiclient.Options{URL: opened.URL(found.URL)})
		if err != nil {
			return nil, err
		}
		d.API = health{client}
	}
	return doctor.After(opened, d), nil
}

// health asks an API which environment it is.
type health struct{ *apiclient.Client }

// Health implements doctor.API.
func (h health) Health(ctx context.Context) (string, error) {
	told, err := h.Client.Health(ctx)
	return told.Environment, err
}
