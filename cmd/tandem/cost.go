package main

import (
	"context"
	"fmt"
	"os"

	"tandem/cmd/tandem/internal/assembly"
	"tandem/cmd/tandem/internal/costview"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/planning/cost"
	"tandem/prices"
)

type costCommand struct {
	Assembly     string `help:"Synthesised folder to price, such as cdk.out. Default: --env is synthesised." placeholder:"DIR"`
	Diff         string `help:"Environment to compare with: what --env costs more than it." placeholder:"NAME" predictor:"environment"`
	DiffAssembly string `help:"Synthesised folder to compare with, such as that of the main branch." placeholder:"DIR"`
	Traffic      string `help:"What a month brings, in YAML: docs/planning.md." type:"existingfile" placeholder:"FILE"`
	Prices       string `help:"Own prices, in CSV, over those that are shipped." type:"existingfile" placeholder:"FILE"`
	All          bool   `help:"Show every resource, its rates, and what is free."`
	Markdown     bool   `help:"Print Markdown, for a comment on a change."`
	Summary      bool   `help:"Print one line."`
}

// Help implements kong.HelpProvider.
func (costCommand) Help() string {
	return `The templates are priced resource by resource: what stands there, and what use
adds. A resource type whose price is not known is listed and fails the command.

  tandem cost --env prod --traffic examples/traffic/prod.yaml
  tandem cost --env prod --diff staging
  tandem cost --assembly build/synth/prod --diff-assembly build/main/prod --markdown`
}

// Run prices an environment, or two.
func (c *costCommand) Run(ctx context.Context, g *globals, s streams, with *services) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	report, err := c.report(ctx, g, s, g.Env, c.Assembly, options)
	if err != nil {
		return err
	}
	var other *cost.Report
	if c.Diff != "" || c.DiffAssembly != "" {
		if other, err = c.report(ctx, g, s, c.Diff, c.DiffAssembly, options); err != nil {
			return err
		}
	}
	unknown := report.Unknown
	if other != nil {
		unknown = append(unknown, other.Unknown...)
	}
	if !c.Summary {
		warnAbout(s, report.Sources, report.Region, with.now())
	}
	if err := c.show(g, s, report, other); err != nil {
		return err
	}
	if len(unknown) > 0 {
		return fmt.Errorf("the price of %d resources is not known: add their types to the catalogue in planning/cost", len(unknown))
	}
	return nil
}

func (c *costCommand) show(g *globals, s streams, report, other *cost.Report) error {
	view := costview.Options{All: c.All, Markdown: c.Markdown}
	switch {
	case other != nil && g.JSON:
		return display.JSON(s.out, cost.Diff(other, report))
	case other != nil && c.Summary:
		_, err := fmt.Fprintln(s.out, cost.Diff(other, report).Summary())
		return err
	case other != nil:
		return costview.Difference(s.out, cost.Diff(other, report), view)
	case g.JSON:
		return display.JSON(s.out, report)
	case c.Summary:
		_, err := fmt.Fprintln(s.out, report.Summary())
		return err
	default:
		return costview.Report(s.out, report, view)
	}
}

func (c *costCommand) options() (o cost.Options, err error) {
	if o.Prices, err = loadPrices(c.Prices); err != nil {
		return o, err
	}
	if c.Traffic == "" {
		return o, nil
	}
	raw, err := os.ReadFile(c.Traffic)
	if err != nil {
		return o, fmt.Errorf("reading the traffic: %w", err)
	}
	if o.Traffic, err = cost.ReadTraffic(c.Traffic, raw); err != nil {
		return o, err
	}
	o.Tokens, err = prices.LoadTokens()
	return o, err
}

// report prices a synthesised folder, or an environment that it synthesises.
func (c *costCommand) report(ctx context.Context, g *globals, s streams, environment, folder string, o cost.Options) (*cost.Report, error) {
	if folder == "" {
		if environment == "" {
			return nil, exit.With(exit.Usage, fmt.Errorf("name an environment by --env, or a synthesised folder by --assembly"))
		}
		temporary, err := os.MkdirTemp("", "tandem-cost-")
		if err != nil {
			return nil, fmt.Errorf("making a folder to synthesise into: %w", err)
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		contexts := []string{"config=" + g.Folder}
		for _, set := range g.Set {
			contexts = append(contexts, "set."+set)
		}
		spinner := display.Spinner(s.err, "synthesising "+environment)
		err = assembly.Synthesiser{Root: ".", Environ: os.Environ()}.Run(ctx, environment, temporary, contexts...)
		spinner.Done()
		if err != nil {
			return nil, err
		}
		folder = temporary
	}
	read, err := cost.Read(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", folder, err)
	}
	return cost.Estimate(read, o)
}
