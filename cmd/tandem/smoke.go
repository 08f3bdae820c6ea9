package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/apiclient"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/smoke"
	"tandem/runtime/keys"
)

type smokeCommand struct {
	Worker  string        `short:"w" help:"Worker that runs the jobs. Default: the first by name." placeholder:"NAME"`
	Data    string        `short:"d" help:"Input of the jobs, in JSON, that the worker's container understands." default:"{\"text\": \"The court ruled. The court was clear.\"}" placeholder:"JSON"`
	Key     string        `help:"Key to use. Default: one is made, and removed at the end." env:"TANDEM_API_KEY" placeholder:"KEY"`
	Timeout time.Duration `help:"How long one job may take, the start of an instance included." default:"20m"`
}

// Help is shown by --help.
func (smokeCommand) Help() string {
	return `It submits jobs, lets them run, fetches a result, uploads an input, cancels a job
and removes all that it made. GPU instances that it wakes cost what they cost.
With AWS_ENDPOINT_URL it does the same on an emulator.`
}

// Run proves an environment.
func (c *smokeCommand) Run(ctx context.Context, g *globals, s streams, with *services) error {
	if !json.Valid([]byte(c.Data)) {
		return exit.With(exit.Usage, errors.New("--data is not JSON"))
	}
	if c.Key == "" {
		if err := usesKeys(g); err != nil {
			return exit.With(exit.Usage, fmt.Errorf("%w; give a token that it takes by --key", err))
		}
	}
	opened, found, err := with.deployment(ctx, g, deployed.NeedAPI, deployed.NeedState, deployed.NeedQueue)
	if err != nil {
		return err
	}
	if c.Worker == "" {
		c.Worker = found.Queues.Names()[0]
	}
	at := proving{opened, found, with}
	bar := &display.Bar{}
	steps, err := smoke.Run(ctx, smoke.Options{
		Client: func(key string) (*apiclient.Client, error) {
			return apiclient.New(apiclient.Options{URL: opened.URL(found.URL), Key: key})
		},
		Keys: at, Remover: at, Key: c.Key, Environment: g.Env, Worker: c.Worker, Input: json.RawMessage(c.Data),
		Timeout: c.Timeout, Tenant: "smoke-" + strings.ToLower(rand.Text()[:8]),
		Begin: func(step string) { bar = display.Spinner(s.err, step) },
		Note:  func(words string) { bar.Describe(words) },
		End: func(step smoke.Step) {
			bar.Done()
			if !g.JSON {
				fmt.Fprintln(s.out, line(step))
			}
		},
	})
	if g.JSON {
		err = errors.Join(display.JSON(s.out, steps), err)
	}
	return err
}

// line shows a step.
func line(step smoke.Step) string {
	result := "ok"
	if !step.OK {
		result = "fail"
	}
	return fmt.Sprintf("%-5s %-9s %s (%.1f s)", result, step.Name, display.Clean(step.Found), step.Seconds)
}

// proving is what a smoke test makes and removes in a deployment.
type proving struct {
	account account
	found   *deployed.Deployment
	with    *services
}

// Issue implements smoke.Keys.
func (p proving) Issue(ctx context.Context, request keys.Request) (string, string, error) {
	token, key, err := keys.Issue(ctx, p.account.Keys(p.found.Table), request, p.with.now(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	return token.Reveal(), key.ID, nil
}

// RemoveKey implements smoke.Keys.
func (p proving) RemoveKey(ctx context.Context, id string) error {
	return p.account.RemoveKey(ctx, p.found, id)
}

// RemoveJob implements smoke.Remover.
func (p proving) RemoveJob(ctx context.Context, id string) error {
	return p.account.RemoveJob(ctx, p.found, id)
}

// RemovePayloads implements smoke.Remover.
func (p proving) RemovePayloads(ctx context.Context, tenant string) error {
	return p.account.RemovePayloads(ctx, p.found, tenant)
}
