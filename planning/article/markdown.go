package article

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tandem/config"
	"tandem/prices"
)

// Write writes docs/costs.md: the article's figures, the real ones beside
// them, and what was off.
func Write(w io.Writer, c *Card, r *Real) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# The article's numbers, and today's\n\n<!-- Written by go generate from planning/testdata/article.yaml and prices/data; do not edit. -->\n\n")
	fmt.Fprintf(&out, "%q (%s, %s) argued for the hybrid that Tandem\ndeploys, with figures. Its advice holds; its GPU rates do not. Below, its own rate\ncard gives its table, and list prices of us-east-1 give the same work today.\n\n",
		c.Title, c.Author, c.Date)
	c.writeTable(&out, r)
	c.writeOff(&out, r)
	c.writeMove(&out, r)
	c.writeSplit(&out, r)
	c.writeClaims(&out)
	writeSources(&out, r.Sources)
	_, err := io.WriteString(w, out.String())
	return err
}

func (c *Card) writeTable(out *strings.Builder, r *Real) {
	d := c.Documents
	fmt.Fprintf(out, "## %s documents a day, %g GPU minutes each\n\n%s GPU minutes a day, months of %g days, US dollars.\n\n",
		thousands(d.PerDay), d.Minutes, thousands(d.PerDay*d.Minutes), d.DaysAMonth)
	fmt.Fprintf(out, "| option | a GPU second | a day | a month |\n|---|---|---|---|\n")
	table := c.Table()
	for _, row := range table {
		fmt.Fprintf(out, "| the article: %s | %.2f | %s | %s |\n", row.Option, row.Rate, thousands(row.Daily), thousands(row.Monthly))
	}
	for _, row := range r.Rows {
		fmt.Fprintf(out, "| list prices: %s | %.6f | %s | %s |\n", row.Option, row.Rate, thousands(row.Daily), thousands(row.Monthly))
	}
	fmt.Fprintf(out, "\nThe article finds %.0fx between its two options; list prices give %.1fx between\nthe first and the third.\n\n", table[0].Daily/table[1].Daily, r.Managed/r.Spot)
}

// writeOff is the sentence that says which inputs were off, and by how much.
func (c *Card) writeOff(out *strings.Builder, r *Real) {
	off := func(name string, given Range, real float64) string {
		return fmt.Sprintf("%s (%.2f to %.2f USD a second against %.5f: %.0f to %.0f times)", name, given.Low, given.High, real, given.Low/real, given.High/real)
	}
	fmt.Fprintf(out, "**Which inputs were off:** its GPU rates are two orders of magnitude above list:\n%s,\n%s and\n%s.\nAn eighth of a %s, one A100, is %.5f USD a second on demand.\n\n",
		off("Lambda", c.Rates.Lambda, r.Managed), off("EC2 on demand", c.Rates.OnDemand, r.OnDemand), off("spot", c.Rates.Spot, r.Spot), c.Assumed.Instance, r.OnDemand)
}

func (c *Card) writeMove(out *strings.Builder, r *Real) {
	seconds := c.moveSeconds()
	fmt.Fprintf(out, "## The move from Lambda to a cluster\n\n%s invocations a day of %g minutes, %s GPU seconds a month.\n\n", thousands(c.Move.PerDay), c.Move.Minutes, thousands(seconds))
	fmt.Fprintf(out, "| | Lambda, a month | cluster, a month | saved |\n|---|---|---|---|\n")
	fmt.Fprintf(out, "| the article | %s | %s | %.0f %% |\n", thousands(c.Move.LambdaMonthly), thousands(c.Move.ClusterMonthly), c.Saving()*100)
	fmt.Fprintf(out, "| its own rate card (%.2f and %.2f a second) | %s | %s | %.0f %% |\n", c.Documents.LambdaRate, c.Documents.SpotRate,
		thousands(seconds*c.Documents.LambdaRate), thousands(seconds*c.Documents.SpotRate), (1-c.Documents.SpotRate/c.Documents.LambdaRate)*100)
	fmt.Fprintf(out, "| list prices, A100: managed instances and spot | %s | %s | %.0f %% |\n", thousands(seconds*r.Managed), thousands(seconds*r.Spot), (1-r.Spot/r.Managed)*100)
	fmt.Fprintf(out, "\nThe bill of %s USD means %.4f USD a GPU second: %.0f times less than the rate card\nthat stands a few paragraphs above it, and near what AWS charges. The bills of this\nexample are plausible, the rate card is not.\n\n",
		thousands(c.Move.LambdaMonthly), c.Move.LambdaMonthly/seconds, c.Documents.LambdaRate/(c.Move.LambdaMonthly/seconds))
}

func (c *Card) writeSplit(out *strings.Builder, r *Real) {
	lambda, ecs := c.SplitUSD()
	real := c.moveSeconds() * r.Spot
	call := c.Assumed.Call
	fmt.Fprintf(out, "## The split between the tiers\n\n")
	fmt.Fprintf(out, "| | Lambda and API, a month | ECS, a month | split |\n|---|---|---|---|\n")
	fmt.Fprintf(out, "| the article, if its ECS tier is the cluster above | %.2f | %s | %.0f/%.0f |\n", lambda, thousands(ecs), 100*lambda/(lambda+ecs), 100*ecs/(lambda+ecs))
	fmt.Fprintf(out, "| list prices for the same work | %.2f | %s | %.0f/%.0f |\n", lambda, thousands(real), 100*lambda/(lambda+real), 100*real/(lambda+real))
	fmt.Fprintf(out, "\n%.2f USD are %s calls of %s with %g tokens in and %g out, %g s at\n%g MB: %.6f USD each, nearly all of it tokens.\n\n",
		lambda, thousands(lambda/r.Call), call.Model, call.InputTokens, call.OutputTokens, call.Seconds, call.MemoryGB*1024, r.Call)
}

func (c *Card) writeClaims(out *strings.Builder) {
	fmt.Fprintf(out, "## What else it says of AWS\n\n| it says | in fact |\n|---|---|\n")
	storage, memory := thousands(float64(config.LambdaStorage/config.MiB)), thousands(float64(config.LambdaMemory/config.MiB))
	for _, row := range [][2]string{
		{"Lambda has a GPU, an A100", "functions have none; AWS's documentation of Managed Instances names no GPU types"},
		{"512 MB of ephemeral storage", "512 MB by default, up to " + storage + " MB"},
		{"10 GB of memory per GB of vCPU", "memory up to " + memory + " MB, one vCPU for each 1,769"},
		{"15 minutes at most", "right: " + config.LambdaTimeout.String()},
		{"1,000 concurrent executions", fmt.Sprintf("right by default: %s, more on request, new accounts less", thousands(config.LambdaConcurrency))},
		{"a package of 10 GB at most", "right for container images; 250 MB for archives"},
	} {
		fmt.Fprintf(out, "| %s | %s |\n", row[0], row[1])
	}
	fmt.Fprintln(out)
}

func writeSources(out *strings.Builder, sources []prices.Source) {
	fmt.Fprintf(out, "## Prices\n\n| file | as of | from |\n|---|---|---|\n")
	var rows []string
	for _, source := range sources {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", source.File, source.AsOf.Format(time.DateOnly), source.From))
	}
	slices.Sort(rows)
	for _, row := range slices.Compact(rows) {
		out.WriteString(row)
	}
}

func thousands(amount float64) string {
	digits := fmt.Sprintf("%.0f", amount)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
