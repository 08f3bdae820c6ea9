package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/keyview"
	"tandem/cmd/tandem/internal/moment"
	"tandem/config"
	"tandem/runtime/keys"
)

type keysCommands struct {
	Create keysCreate `cmd:"" help:"Make a key and print it, once."`
	List   keysList   `cmd:"" help:"List keys."`
	Revoke keysRevoke `cmd:"" help:"Revoke keys, for good."`
}

type keysCreate struct {
	Tenant  string  `required:"" help:"Who the key belongs to: jobs and budgets are a tenant's." placeholder:"NAME"`
	Name    string  `help:"What the key is for, such as ci." placeholder:"TEXT"`
	Scopes  string  `help:"What it may do, separated by commas: jobs:read, jobs:write, models, admin. Default: all but admin." placeholder:"LIST"`
	Rate    int     `help:"Requests a second. Default: what api.tenantRate says." placeholder:"N"`
	Burst   int     `help:"Requests at once. Default: what api.tenantRate says." placeholder:"N"`
	Budget  float64 `help:"USD a day (UTC) for external models. Default: no limit." placeholder:"USD"`
	Expires string  `help:"When it ends: a span such as 90d, or a time. Default: never." placeholder:"WHEN"`
}

// Run makes a key. The key alone goes to standard output.
func (c *keysCreate) Run(ctx context.Context, g *globals, s streams, with *services) error {
	request := keys.Request{Tenant: c.Tenant, Name: c.Name, Rate: c.Rate, Burst: c.Burst, DailyBudgetUSD: c.Budget}
	var err error
	if request.ExpiresAt, err = moment.In(c.Expires, with.now()); err != nil {
		return exit.With(exit.Usage, fmt.Errorf("--expires: %w", err))
	}
	if request.Scopes, err = keys.ParseScopes(c.Scopes); err != nil {
		return exit.With(exit.Usage, fmt.Errorf("--scopes: %w", err))
	}
	if err := usesKeys(g); err != nil {
		return err
	}
	opened, found, err := with.deployment(ctx, g, deployed.NeedState)
	if err != nil {
		return err
	}
	token, key, err := keys.Issue(ctx, opened.Keys(found.Table), request, with.now(), rand.Reader)
	if err != nil {
		return err
	}
	if g.JSON {
		return display.JSON(s.out, keyview.New(key, with.now()).WithToken(token))
	}
	fmt.Fprintf(s.err, "key %s of tenant %s; it is not shown again\n", key.ID, key.Tenant)
	fmt.Fprintln(s.out, token.Reveal())
	return nil
}

// usesKeys fails where nobody would look at a key.
func usesKeys(g *globals) error {
	loaded, err := g.environment()
	if err != nil {
		return err
	}
	if kind := loaded.Config.API.Auth.Type; kind != config.AuthKeys {
		return fmt.Errorf("the environment %s authenticates callers by %s (%s), so a key would open nothing", g.Env, kind, loaded.Origin("api.auth.type"))
	}
	return nil
}

type keysList struct {
	Tenant         string `help:"Only those of one tenant." placeholder:"NAME"`
	WebhookSecrets bool   `help:"Show the secret by which each tenant checks the signature of webhooks."`
}

// Run lists keys, without their secrets: nobody has those.
func (c *keysList) Run(ctx context.Context, g *globals, s streams, with *services) error {
	opened, found, err := with.deployment(ctx, g, deployed.NeedState)
	if err != nil {
		return err
	}
	all, err := opened.Keys(found.Table).List(ctx, c.Tenant)
	if err != nil {
		return err
	}
	master := ""
	if c.WebhookSecrets {
		if master, err = opened.Secret(ctx, found.WebhookSecret); err != nil {
			return err
		}
	}
	shown := keyview.List(all, master, with.now())
	if g.JSON {
		return display.JSON(s.out, shown)
	}
	return keyview.Table(s.out, shown, with.now())
}

type keysRevoke struct {
	Keys []string `arg:"" name:"key" help:"Their ids, or the keys themselves."`
}

// Run revokes keys.
func (c *keysRevoke) Run(ctx context.Context, g *globals, s streams, with *services) error {
	opened, found, err := with.deployment(ctx, g, deployed.NeedState)
	if err != nil {
		return err
	}
	store := opened.Keys(found.Table)
	for _, named := range c.Keys {
		id := strings.TrimPrefix(named, keys.Prefix)
		id, _, _ = strings.Cut(id, ".")
		if err := store.Revoke(ctx, id, with.now().UTC().Truncate(time.Second)); err != nil {
			if errors.Is(err, keys.ErrNotFound) {
				err = exit.With(exit.NotFound, fmt.Errorf("there is no key %s", id))
			}
			return err
		}
		fmt.Fprintf(s.err, "key %s is revoked; the gateway may remember it for a minute\n", id)
	}
	return nil
}
