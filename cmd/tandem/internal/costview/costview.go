// Package costview shows costs to people: in tables, and in Markdown for the
// comment that a build leaves on a change.
package costview

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tandem/cmd/tandem/internal/display"
	"tandem/planning/cost"
)

// Options of a view.
type Options struct {
	// All shows resources below a dollar too, what each is billed for, and
	// which types are free.
	All bool
	// Markdown rather than aligned columns.
	Markdown bool
}

// small is what a resource costs a month that is shown with others in one line.
const small = 1.0

// Report shows one environment.
func Report(w io.Writer, r *cost.Report, o Options) error {
	name := r.Name
	if name == "" {
		name = "assembly"
	}
	fmt.Fprintf(w, "%s in %s: %s USD a month, %s fixed and %s by use\n\n", name, r.Region, usd(r.USD()), usd(r.Fixed), usd(r.PerUse))
	var tiers [][]string
	for _, tier := range r.Tiers {
		tiers = append(tiers, []string{tier.Name, usd(tier.Fixed), usd(tier.PerUse), usd(tier.Fixed + tier.PerUse)})
	}
	if err := o.table(w, []string{"TIER", "FIXED", "BY USE", "TOTAL"}, tiers); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := o.table(w, []string{"RESOURCE", "TIER", "FIXED", "BY USE", "FOR"}, lines(r, o)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if o.All {
		if err := o.table(w, []string{"FREE", "COUNT", "WHY"}, freeTypes(r)); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "The account's free amounts take off up to %s, unless other environments have used them up.\n", usd(r.FreeAmounts))
	fmt.Fprintf(w, "Prices are of %s or later; 'tandem prices list' tells where each is from.\n", r.OldestPrice)
	if r.PerUse == 0 {
		fmt.Fprintln(w, "Use costs nothing here as there is no traffic; --traffic FILE says what a month brings.")
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "Note: %s.\n", note)
	}
	return unknown(w, r.Unknown)
}

func lines(r *cost.Report, o Options) [][]string {
	var rows [][]string
	var rest cost.Line
	others := 0
	for _, line := range r.Lines {
		if !o.All && line.USD() < small {
			others++
			rest.Fixed += line.Fixed
			rest.PerUse += line.PerUse
			continue
		}
		rows = append(rows, []string{line.Resource, line.Tier, usd(line.Fixed), usd(line.PerUse), reasons(line, o)})
	}
	if others > 0 {
		rows = append(rows, []string{fmt.Sprintf("%d others below a dollar", others), "", usd(rest.Fixed), usd(rest.PerUse), "--all shows them"})
	}
	return rows
}

// reasons are the items that cost something or, of all of them, their rates.
func reasons(line cost.Line, o Options) string {
	var parts []string
	for _, item := range line.Items {
		switch {
		case item.USD() > 0:
			part := fmt.Sprintf("%s %s at %s", amount(item.Units), item.What, rate(item))
			if item.Note != "" {
				part += " (" + item.Note + ")"
			}
			parts = append(parts, part)
		case o.All && item.PerUse:
			parts = append(parts, fmt.Sprintf("%s at %s", item.What, rate(item)))
		}
	}
	return strings.Join(parts, "; ")
}

func rate(item cost.Item) string {
	if item.Unit == "one" {
		return fmt.Sprintf("%.4g a million", item.USDPerUnit*1e6)
	}
	return fmt.Sprintf("%.6g", item.USDPerUnit)
}

func amount(units float64) string {
	if units >= 1e6 {
		return fmt.Sprintf("%.4gM", units/1e6)
	}
	return fmt.Sprintf("%.6g", units)
}

func freeTypes(r *cost.Report) [][]string {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(r.Free)) {
		rows = append(rows, []string{name, fmt.Sprint(r.Free[name].Count), r.Free[name].Reason})
	}
	return rows
}

// Difference shows what a change or another environment costs more.
func Difference(w io.Writer, d *cost.Difference, o Options) error {
	summary := d.Summary()
	if o.Markdown {
		summary = "**" + summary + "**"
	}
	fmt.Fprintf(w, "%s\n\n", summary)
	var rows [][]string
	others, rest := 0, 0.0
	for _, change := range d.Changes {
		if difference := change.USD(); !o.All && difference < small && difference > -small {
			others++
			rest += difference
			continue
		}
		rows = append(rows, []string{change.Resource, change.What, usd(change.Before), usd(change.After), fmt.Sprintf("%+.2f", change.USD())})
	}
	if others > 0 {
		rows = append(rows, []string{fmt.Sprintf("%d others by less than a dollar", others), "", "", "", fmt.Sprintf("%+.2f", rest)})
	}
	if len(rows) == 0 {
		fmt.Fprintln(w, "No resource costs otherwise.")
	} else if err := o.table(w, []string{"RESOURCE", "WHAT", "BEFORE", "AFTER", "MORE"}, rows); err != nil {
		return err
	}
	return unknown(w, d.Unknown)
}

func unknown(w io.Writer, names []string) error {
	if len(names) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\nWithout a known price, and in no sum:\n  %s\n", strings.Join(names, "\n  "))
	return err
}

func usd(amount float64) string { return fmt.Sprintf("%.2f", amount) }

func (o Options) table(w io.Writer, header []string, rows [][]string) error {
	if !o.Markdown {
		return display.Table(w, header, rows)
	}
	divider := make([]string, len(header))
	for i := range divider {
		divider[i] = "---"
	}
	for _, row := range append([][]string{header, divider}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = strings.ReplaceAll(display.Clean(cell), "|", `\|`)
		}
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")); err != nil {
			return err
		}
	}
	return nil
}
