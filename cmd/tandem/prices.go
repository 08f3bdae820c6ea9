package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/display"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/pricerefresh"
	"tandem/cmd/tandem/internal/pricerefresh/awsprices"
	"tandem/config"
	"tandem/prices"
)

type pricesCommands struct {
	List    pricesList    `cmd:"" help:"List prices, where each was read and when."`
	Refresh pricesRefresh `cmd:"" help:"Read today's instance prices from AWS into a file of own prices; needs credentials."`
}

type pricesList struct {
	Filter []string `arg:"" optional:"" help:"Only those whose service or item contains all of these."`
	Region string   `help:"Region of spot prices." default:"us-east-1"`
	Prices string   `help:"Own prices, in CSV, over those that are shipped." type:"existingfile" placeholder:"FILE"`
	CSV    bool     `name:"csv" help:"Print the form that --prices reads, without tokens."`
}

// Run lists prices.
func (c *pricesList) Run(g *globals, s streams, with *services) error {
	table, err := loadPrices(c.Prices)
	if err != nil {
		return err
	}
	listed := c.matching(append(table.All(), table.Spots(c.Region)...))
	if c.CSV {
		return prices.WriteCSV(s.out, listed)
	}
	tokens, err := prices.LoadTokens()
	if err != nil {
		return err
	}
	for _, token := range tokens.All() {
		for _, price := range []struct {
			item string
			usd  float64
		}{{"input", token.Input}, {"cached input", token.CachedInput}, {"output", token.Output}} {
			listed = append(listed, c.matching([]prices.Price{{Service: token.Provider, Item: token.Model + " " + price.item,
				Unit: "million tokens", USD: price.usd, Source: token.Source}})...)
		}
	}
	warnAbout(s, sources(listed), c.Region, with.now())
	if g.JSON {
		return display.JSON(s.out, rows(listed))
	}
	var lines [][]string
	for i, row := range rows(listed) {
		age := fmt.Sprintf("%dd", int(listed[i].Source.Age(with.now()).Hours()/24))
		lines = append(lines, []string{row.Service, row.Item, row.Region, fmt.Sprintf("%.8g", row.USD), row.Unit, row.AsOf, age, row.From})
	}
	return display.Table(s.out, []string{"SERVICE", "ITEM", "REGION", "USD", "A", "AS OF", "AGE", "FROM"}, lines)
}

type priceRow struct {
	Service string  `json:"service"`
	Item    string  `json:"item"`
	Region  string  `json:"region,omitempty"`
	Unit    string  `json:"unit"`
	USD     float64 `json:"usd"`
	AsOf    string  `json:"asOf"`
	From    string  `json:"from"`
	Note    string  `json:"note,omitempty"`
}

func rows(listed []prices.Price) []priceRow {
	all := make([]priceRow, len(listed))
	for i, p := range listed {
		all[i] = priceRow{p.Service, p.Item, p.Source.Region, string(p.Unit), p.USD, p.Source.AsOf.Format(time.DateOnly), p.Source.From, p.Note}
	}
	return all
}

func (c *pricesList) matching(all []prices.Price) []prices.Price {
	var kept []prices.Price
	for _, price := range all {
		wanted := true
		for _, part := range c.Filter {
			wanted = wanted && strings.Contains(price.Service+" "+price.Item, part)
		}
		if wanted {
			kept = append(kept, price)
		}
	}
	return kept
}

func sources(listed []prices.Price) []prices.Source {
	var all []prices.Source
	for _, price := range listed {
		all = append(all, price.Source)
	}
	return all
}

type pricesRefresh struct {
	Region string `help:"Region to read." default:"us-east-1"`
	Out    string `short:"o" help:"File to write; - prints it." default:"prices.csv" placeholder:"FILE"`
}

// Help implements kong.HelpProvider.
func (pricesRefresh) Help() string {
	return `Reads AWS's price list and the spot price history, and writes a file that
'advise' and 'cost' take by --prices. What other services cost stays as shipped:
'tandem prices list --csv' prints those in the same form, to be edited.

Permissions: pricing:GetProducts, ec2:DescribeSpotPriceHistory.`
}

// Run reads today's prices.
func (c *pricesRefresh) Run(ctx context.Context, s streams, with *services) error {
	table, err := prices.Load()
	if err != nil {
		return err
	}
	market, err := with.market(ctx, c.Region, with.now)
	if err != nil {
		return err
	}
	spinner := display.Spinner(s.err, "reading prices of "+c.Region)
	read, err := pricerefresh.Read(ctx, pricerefresh.Options{
		Market: market, Region: c.Region, Today: with.now(), Types: append(table.InstanceTypes(), config.InstanceTypeNames()...),
	})
	spinner.Done()
	if err != nil {
		return err
	}
	if c.Out == "-" {
		return prices.WriteCSV(s.out, read)
	}
	if err := writeFile(c.Out, func(w io.Writer) error { return prices.WriteCSV(w, read) }); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%d prices of %s are in %s; give it to 'advise' and 'cost' by --prices\n", len(read), c.Region, c.Out)
	return nil
}

// writeFile replaces a file only once all of it is written.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".prices-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if err := write(file); err != nil {
		_ = file.Close()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// openMarket asks the AWS account of the process's environment.
func openMarket(ctx context.Context, region string, now func() time.Time) (pricerefresh.Market, error) {
	opened, err := cloud.New(ctx, region)
	if err != nil {
		return nil, exit.With(exit.Code(err), fmt.Errorf("reading today's prices, which AWS tells only to an account: %w", err))
	}
	return awsprices.New(opened.Config(), now), nil
}

// warnAbout says which prices are old or another region's.
func warnAbout(s streams, sources []prices.Source, region string, now time.Time) {
	for _, warning := range prices.Warnings(sources, region, now) {
		fmt.Fprintf(s.err, "warning: %s\n", warning)
	}
}

// loadPrices reads the shipped prices and, over them, a file of one's own.
func loadPrices(own string) (*prices.Table, error) {
	table, err := prices.Load()
	if err != nil || own == "" {
		return table, err
	}
	file, err := os.Open(own)
	if err != nil {
		return nil, fmt.Errorf("reading own prices: %w", err)
	}
	defer file.Close()
	return table, table.Override(own, file)
}
