// Package adviceview shows advice to people, in the order in which they decide:
// the answer, the reasons, the limits, the money, what would change it, and
// how to deploy it.
package adviceview

import (
	"fmt"
	"io"
	"strings"

	"tandem/cmd/tandem/internal/display"
	"tandem/planning/advise"
)

// Advice writes all of it.
func Advice(w io.Writer, a *advise.Advice) error {
	fmt.Fprintf(w, "%s\n\nWhy\n", a.Answer)
	for _, reason := range a.Reasons {
		fmt.Fprintf(w, "- %s\n", reason)
	}
	for _, section := range []struct {
		title  string
		header []string
		rows   [][]string
	}{
		{"What it costs a month, in US dollars", []string{"ALTERNATIVE", "USD", "ANSWER (P95)", "FOR"}, alternatives(a)},
		{"Limits of AWS", []string{"LIMIT", "VALUE", "CONCERNS", "HIT", "HOW"}, limits(a)},
		{"Against " + title(a), []string{"ALTERNATIVE", "IS"}, breakEvens(a)},
		{"What would change the answer", []string{"WITH", "BEST", "USD", ""}, sensitivities(a)},
	} {
		if len(section.rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n\n", section.title)
		if err := display.Table(w, section.header, section.rows); err != nil {
			return err
		}
	}
	if c := a.Checkpoint; c != nil {
		checkpoint(w, c)
	}
	if a.Snippet != "" {
		fmt.Fprintf(w, "\nTo deploy it, add to config/<env>.yaml\n\n%s", a.Snippet)
	}
	return nil
}

func alternatives(a *advise.Advice) [][]string {
	var rows [][]string
	for _, other := range a.Alternatives {
		mark, cost, answer := "", "-", "-"
		if other.ID == a.Choice {
			mark = " <--"
		}
		if other.Monthly > 0 {
			cost = advise.USD(other.Monthly)
		}
		if other.Answer > 0 && other.Monthly > 0 {
			answer = advise.Span(other.Answer)
		}
		rows = append(rows, []string{other.Title + mark, cost, answer, reason(other)})
	}
	return rows
}

func reason(a advise.Alternative) string {
	if !a.Possible() {
		return "no: " + strings.Join(a.Blocked, "; ")
	}
	var parts []string
	for _, part := range a.Parts {
		if part.USD >= 0.005 {
			parts = append(parts, fmt.Sprintf("%s %s", part.What, advise.USD(part.USD)))
		}
	}
	text := strings.Join(parts, ", ")
	if len(a.Notes) > 0 {
		text += " (" + strings.Join(a.Notes, "; ") + ")"
	}
	return text
}

func limits(a *advise.Advice) [][]string {
	var rows [][]string
	for _, limit := range a.Limits {
		hit := "no"
		if limit.Hit {
			hit = "yes"
			if limit.Percentile > 0 {
				hit = fmt.Sprintf("from p%.4g", limit.Percentile)
			}
		}
		rows = append(rows, []string{limit.Name, limit.Value, limit.Concerns, hit, limit.Words})
	}
	return rows
}

func title(a *advise.Advice) string {
	for _, other := range a.Alternatives {
		if other.ID == a.Choice {
			return other.Title
		}
	}
	return "nothing"
}

func breakEvens(a *advise.Advice) [][]string {
	var rows [][]string
	for _, even := range a.BreakEvens {
		rows = append(rows, []string{even.Other, even.Words})
	}
	return rows
}

func sensitivities(a *advise.Advice) [][]string {
	var rows [][]string
	for _, s := range a.Sensitivities {
		same, cost := "the same", "-"
		if s.Changed {
			same = "changes"
		}
		if s.Monthly > 0 {
			cost = advise.USD(s.Monthly)
		}
		rows = append(rows, []string{s.If, s.Choice, cost, same})
	}
	return rows
}

func checkpoint(w io.Writer, c *advise.Checkpoint) {
	fmt.Fprintf(w, "\nCheckpoints on spot: one instance is interrupted %.2g times a day; a checkpoint takes %s.\n", c.InterruptionsPerDay, advise.Span(c.Cost))
	if !c.Needed {
		fmt.Fprintf(w, "A task of %s is shorter than the best interval of %s (Young; Daly %s): one that starts anew costs less.\n",
			advise.Span(c.Task), advise.Span(c.Young), advise.Span(c.Daly))
		return
	}
	fmt.Fprintf(w, "Save each %s (Young; Daly %s): a task of %s then takes %s, without checkpoints %s.\n",
		advise.Span(c.Young), advise.Span(c.Daly), advise.Span(c.Task), advise.Span(c.With), advise.Span(c.Without))
}
