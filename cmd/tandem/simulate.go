package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/simulationview"
	"tandem/planning/simulate/experiment"
	"tandem/planning/simulate/report"
)

type simulateCommand struct {
	File     string   `short:"f" required:"" help:"Scenario in YAML, such as examples/scenarios/document-burst.yaml." type:"existingfile" placeholder:"FILE"`
	Compare  []string `help:"Policies to compare with, by their ids; all, or none. Default: the scenario's." placeholder:"ID" predictor:"policy"`
	Seeds    int      `help:"How many runs each policy has. Default: the scenario's." placeholder:"N"`
	Seed     *uint64  `help:"Seed of the first run; the others follow it. Default: the scenario's." placeholder:"S"`
	Format   string   `help:"What is printed: table or json." enum:"table,json" default:"table"`
	Out      string   `help:"Write all of what follows into a folder." placeholder:"DIR"`
	HTML     string   `name:"html" help:"Write a page with charts to show around." placeholder:"FILE"`
	PNG      string   `name:"png" help:"Write the charts as PNG into a folder." placeholder:"DIR"`
	CSV      string   `name:"csv" help:"Write a row with all metrics for each run." placeholder:"FILE"`
	Timeline string   `help:"Write what happened over time, in CSV, for the first run of each policy." placeholder:"FILE"`
	Prices   string   `help:"Own prices, in CSV, over those that are shipped." type:"existingfile" placeholder:"FILE"`
}

// Help implements kong.HelpProvider.
func (simulateCommand) Help() string {
	return `Jobs arrive, instances start, spot comes and goes: what would the policy that
runs in production have cost, how long would jobs have waited, which deadlines
would it have missed? Other policies get the same jobs and the same market.
docs/simulation.md lists what a scenario can say. --set changes one of its
values, and --env the environment that it takes a worker from.

  tandem simulate -f examples/scenarios/document-burst.yaml
  tandem simulate -f examples/scenarios/film-agent.yaml --compare all --html report.html
  tandem simulate -f examples/scenarios/day-without-spot.yaml --set policy.fallbackAfter=30m`
}

// Run simulates a scenario.
func (c *simulateCommand) Run(ctx context.Context, g *globals, s streams, with *services) error {
	planned, err := c.read(g)
	if err != nil {
		return err
	}
	warnAbout(s, planned.Sources(), planned.Scenario.Instance.Region, with.now())
	bar := display.Steps(s.err, "simulating", planned.Runs())
	result, err := planned.Run(ctx, func(p experiment.Progress) {
		if p.Jobs > 0 {
			bar.Describe(fmt.Sprintf("simulating, %d million jobs", p.Jobs/1e6))
		}
		bar.Set(int64(p.Runs))
	})
	bar.Done()
	if err != nil {
		return err
	}
	if err := c.write(s, result); err != nil {
		return err
	}
	if g.JSON || c.Format == "json" {
		return display.JSON(s.out, result)
	}
	return simulationview.Table(s.out, result)
}

func (c *simulateCommand) read(g *globals) (*experiment.Experiment, error) {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	table, err := loadPrices(c.Prices)
	if err != nil {
		return nil, err
	}
	return experiment.Read(c.File, raw, experiment.Options{
		Set: g.Set, Compare: c.Compare, Seeds: c.Seeds, Seed: c.Seed, Environment: g.Env, Config: g.Folder, Prices: table,
	})
}

// write writes the files that were asked for, and says where they are.
func (c *simulateCommand) write(s streams, result *experiment.Result) error {
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return fmt.Errorf("making the folder for what is written: %w", err)
		}
		for into, name := range map[*string]string{&c.HTML: "report.html", &c.CSV: "runs.csv", &c.Timeline: "timeline.csv", &c.PNG: "charts"} {
			if *into == "" {
				*into = filepath.Join(c.Out, name)
			}
		}
	}
	for _, file := range []struct {
		path  string
		write func(io.Writer, *experiment.Result) error
	}{{c.HTML, report.WriteHTML}, {c.CSV, simulationview.Runs}, {c.Timeline, simulationview.Timeline}, {c.json(), asJSON}} {
		if file.path == "" {
			continue
		}
		if err := writeFile(file.path, func(w io.Writer) error { return file.write(w, result) }); err != nil {
			return err
		}
		// It is there to be shown to others, unlike prices.
		if err := os.Chmod(file.path, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", file.path, err)
		}
		fmt.Fprintf(s.err, "wrote %s\n", file.path)
	}
	if c.PNG == "" {
		return nil
	}
	charts, err := report.WritePNG(c.PNG, result)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "wrote %d charts to %s\n", len(charts), c.PNG)
	return nil
}

func (c *simulateCommand) json() string {
	if c.Out == "" {
		return ""
	}
	return filepath.Join(c.Out, "result.json")
}

func asJSON(w io.Writer, result *experiment.Result) error { return display.JSON(w, result) }
