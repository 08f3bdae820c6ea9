// Package simulationview shows what a simulation came to: a table for people,
// and CSV for spreadsheets. Pages and charts are planning/simulate/report's.
package simulationview

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/planning/simulate/experiment"
	"tandem/planning/simulate/report"
)

// column of the table: a metric, and how a value is written where the mean is as large.
type column struct {
	title, metric string
	write         func(value, mean float64) string
}

func columns() []column {
	return []column{
		{"USD A MONTH", "costPerMonth", money}, {"USD A JOB", "costPerJob", money},
		{"WAIT P50", "waitP50", wait}, {"WAIT P95", "waitP95", wait},
		{"DEADLINES MISSED", "missedShare", percent}, {"MISSED IN REACH", "missedInReachShare", percent},
		{"OVERHEAD", "wastedShare", percent}, {"GPUS USED", "utilisation", percent},
	}
}

// Table shows what was assumed, what each policy came to, and what that says.
func Table(w io.Writer, r *experiment.Result) error {
	title := r.Title
	if title == "" {
		title = r.Name
	}
	fmt.Fprintf(w, "%s\n\n", display.Clean(title))
	var facts []display.Field
	for _, fact := range r.Facts {
		facts = append(facts, display.Field{Name: fact.Name, Value: fact.Value})
	}
	if err := display.Fields(w, facts...); err != nil {
		return err
	}
	fmt.Fprintln(w)
	header, rows := cells(r)
	if err := display.Table(w, header, rows); err != nil {
		return err
	}
	fmt.Fprint(w, "\nWait is a job's stay less its work; overhead is lost work, and writing and reading checkpoints.\n")
	if len(r.Seeds) > 1 {
		fmt.Fprintf(w, "Means of %d runs, with how far the true mean may lie from each (95 %% confidence).\n", len(r.Seeds))
	} else {
		fmt.Fprint(w, "One run: how much is chance, only more seeds tell.\n")
	}
	fmt.Fprintln(w)
	for _, line := range report.Verdict(r) {
		fmt.Fprintf(w, "%s\n", plain(line))
	}
	return nil
}

func cells(r *experiment.Result) (header []string, rows [][]string) {
	header = []string{"POLICY"}
	for _, policy := range r.Policies {
		rows = append(rows, []string{policy.ID})
	}
	for _, column := range columns() {
		if len(r.Policies) == 0 || !has(r.Policies[0], column.metric) {
			continue
		}
		header = append(header, column.title)
		for i, policy := range r.Policies {
			rows[i] = append(rows[i], cell(policy, column, len(r.Seeds) > 1))
		}
	}
	return header, rows
}

func has(policy experiment.PolicyResult, metric string) bool {
	_, found := policy.Metric(metric)
	return found
}

// cell is a mean and, where there is one, the half of its interval.
func cell(policy experiment.PolicyResult, column column, interval bool) string {
	around, found := policy.Metric(column.metric)
	if !found {
		return "-"
	}
	text := column.write(around.Mean, around.Mean)
	if half := around.High - around.Mean; interval && half > 0 {
		text += " ± " + column.write(half, around.Mean)
	}
	return text
}

// money has more digits where there is less of it.
func money(usd, mean float64) string {
	switch {
	case mean >= 100:
		return fmt.Sprintf("%.0f", usd)
	case mean >= 1:
		return fmt.Sprintf("%.2f", usd)
	case mean == 0:
		return "0"
	default:
		return fmt.Sprintf("%.*f", int(2-math.Floor(math.Log10(mean))), usd)
	}
}

func wait(seconds, mean float64) string {
	if mean > 0 && mean < 1 {
		return fmt.Sprintf("%.0fms", seconds*1000)
	}
	return display.Span(time.Duration(seconds * float64(time.Second)))
}

func percent(share, mean float64) string {
	if mean > 0 && mean < 0.1 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// plain has spaces that a terminal can break a line at.
func plain(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(display.Clean(text))
}
