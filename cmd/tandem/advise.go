package main

import (
	"fmt"
	"os"

	"tandem/cmd/tandem/internal/adviceview"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/planning/advise"
	"tandem/prices"
)

type adviseCommand struct {
	File   string `short:"f" help:"Workload in YAML, such as examples/workloads/document-analysis.yaml. Default: five questions are asked." type:"existingfile" placeholder:"FILE"`
	Prices string `help:"Own prices, in CSV, over those that are shipped." type:"existingfile" placeholder:"FILE"`
}

// Help implements kong.HelpProvider.
func (adviseCommand) Help() string {
	return `Whether serverless is right for a workload: the tier and why, each limit of AWS
that it would hit, what every alternative costs a month, at which volume the
answer changes, how often to save checkpoints, and the configuration to deploy.`
}

// Run advises on a workload.
func (c *adviseCommand) Run(g *globals, s streams, with *services) error {
	workload, err := c.workload(s)
	if err != nil {
		return err
	}
	table, err := loadPrices(c.Prices)
	if err != nil {
		return err
	}
	tokens, err := prices.LoadTokens()
	if err != nil {
		return err
	}
	advice, err := advise.Advise(workload, advise.Options{Prices: table, Tokens: tokens})
	if err != nil {
		return err
	}
	warnAbout(s, advice.Sources, advice.Region, with.now())
	if g.JSON {
		return display.JSON(s.out, advice)
	}
	return adviceview.Advice(s.out, advice)
}

func (c *adviseCommand) workload(s streams) (*advise.Workload, error) {
	if c.File == "" {
		workload, err := advise.Ask(s.in, s.err)
		return workload, exit.With(exit.Usage, err)
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fmt.Errorf("reading the workload: %w", err)
	}
	return advise.Read(c.File, raw)
}
