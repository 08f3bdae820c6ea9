package compare

import (
	"fmt"
	"strings"
	"time"
)

// Report is the table for docs/benchmarks.md, and what it says of the promises.
func Report(cells []Cell, figures Figures) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s. Traces: %s. %s\n\n", figures.Head, figures.Traces, figures.Speed)
	out.WriteString(verdicts(cells))
	for _, workload := range Workloads() {
		fmt.Fprintf(&out, "\n**%s**: %s. USD / P95 wait", workload.Name, workload.What)
		if workload.Stretch.Promise.Share > 0 {
			out.WriteString(" / deadlines missed that were in reach")
		}
		out.WriteString(".\n\n")
		table(&out, cells, workload)
	}
	return out.String()
}

// Figures that stand above the table.
type Figures struct {
	// Head is date and machine, Traces where they were found, Speed what was measured.
	Head, Traces, Speed string
}

// table has an entrant a row and a pair of traces a column.
func table(out *strings.Builder, cells []Cell, workload Workload) {
	var columns []Cell
	for _, cell := range cells {
		if cell.Workload.Name == workload.Name {
			columns = append(columns, cell)
		}
	}
	if len(columns) == 0 {
		return
	}
	out.WriteString("| |")
	for _, cell := range columns {
		fmt.Fprintf(out, " %s |", cell.title(cells))
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n| **ours** |")
	for _, cell := range columns {
		fmt.Fprintf(out, " **%s** |", cell.Ours.words())
	}
	out.WriteString("\n")
	for i := range columns[0].Peers {
		fmt.Fprintf(out, "| %s |", columns[0].Peers[i].Name)
		for _, cell := range columns {
			peer := cell.Peers[i]
			mark := ""
			if Better(peer, cell.Ours) {
				mark = " (better)"
			}
			fmt.Fprintf(out, " %s%s |", peer.words(), mark)
		}
		out.WriteString("\n")
	}
}

// title names the arrivals too where there are several.
func (c Cell) title(all []Cell) string {
	for _, other := range all {
		if other.Recording.Name != c.Recording.Name {
			return c.Recording.Name + ", " + c.Market.Name
		}
	}
	return c.Market.Name
}

func (r Result) words() string {
	words := fmt.Sprintf("%.0f / %s", r.Cost, short(r.Wait.P95))
	if r.Deadlines > 0 {
		words += fmt.Sprintf(" / %d", r.MissedInReach)
	}
	return words
}

// short writes seconds as people say them.
func short(seconds float64) string {
	switch {
	case seconds < 100:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 100*60:
		return fmt.Sprintf("%.1f min", seconds/60)
	default:
		return fmt.Sprintf("%.1f h", seconds/3600)
	}
}

// verdicts say whether ours keeps what it promises, and where it does not.
func verdicts(cells []Cell) string {
	var better, missed []string
	for _, cell := range cells {
		at := cell.Workload.Name + " on " + cell.title(cells)
		if cell.Ours.MissedInReach > 0 {
			missed = append(missed, fmt.Sprintf("%s: %d of %d", at, cell.Ours.MissedInReach, cell.Ours.Deadlines))
		}
		for _, peer := range cell.Peers {
			if Better(peer, cell.Ours) {
				better = append(better, peer.Name+", "+at)
			}
		}
	}
	var out strings.Builder
	line := func(promise string, failures []string) {
		if len(failures) == 0 {
			fmt.Fprintf(&out, "- %s: kept.\n", promise)
			return
		}
		fmt.Fprintf(&out, "- %s: **not** in %d: %s.\n", promise, len(failures), strings.Join(failures, "; "))
	}
	line("No peer is better in both cost and P95 wait", better)
	line("No deadline is missed that was in reach", missed)
	if betterElsewhere := dominatedBySettings(cells); len(betterElsewhere) > 0 {
		line("No other setting of a peer is better in both", betterElsewhere)
	}
	if len(cells) > 0 && len(cells[0].Tuned) > 0 {
		atTheirWait(&out, cells)
	}
	return out.String()
}

// dominatedBySettings are other settings of peers that beat ours by its defaults.
func dominatedBySettings(cells []Cell) []string {
	var better []string
	for _, cell := range cells {
		for _, peer := range cell.Peers {
			for _, other := range cell.Others[peer.Name] {
				if Better(other, cell.Ours) {
					better = append(better, other.Name+", "+cell.Workload.Name+" on "+cell.title(cells))
				}
			}
		}
	}
	return better
}

// atTheirWait compares, for each setting of a peer on each trace, the cheapest
// setting of ours that waits no longer.
func atTheirWait(out *strings.Builder, cells []Cell) {
	fmt.Fprintf(out, "- The frontier: at the P95 wait of each setting of a peer or less, the cheapest of %d settings of ours:\n\n", len(cells[0].Tuned)+1)
	out.WriteString("| peer | settings and traces | ours costs no more | dearer | no setting tried waits as little | by how much dearer at most |\n|---|---|---|---|---|---|\n")
	for i := range cells[0].Peers {
		cheaper, dearer, none, most, worst := 0, 0, 0, 0.0, ""
		for _, cell := range cells {
			for _, peer := range append([]Result{cell.Peers[i]}, cell.Others[cell.Peers[i].Name]...) {
				ours, found := cell.AtWaitOf(peer)
				switch {
				case !found:
					none++
				case ours.Cost <= peer.Cost:
					cheaper++
				default:
					dearer++
					if by := ours.Cost/peer.Cost - 1; by > most {
						most, worst = by, cell.worst(ours, peer, cells)
					}
				}
			}
		}
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d | %s |\n", cells[0].Peers[i].Name, cheaper+dearer+none, cheaper, dearer, none, worst)
	}
}

func (c Cell) worst(ours, peer Result, all []Cell) string {
	words := fmt.Sprintf("%.0f %%: %s on %s, %.0f (%s, %s) against %.0f USD (%s, %s)", 100*(ours.Cost/peer.Cost-1), c.Workload.Name, c.title(all),
		ours.Cost, ours.Name, short(ours.Wait.P95), peer.Cost, peer.Name, short(peer.Wait.P95))
	if peer.MissedInReach > 0 {
		words += fmt.Sprintf(", which misses %d of %d deadlines", peer.MissedInReach, peer.Deadlines)
	}
	return words
}

// Speed is the rate at which arrivals are simulated, in words.
func Speed(arrivals int, took time.Duration, decide float64) string {
	return fmt.Sprintf("%.2f million arrivals a second on one core with the production policy in the loop (50 a second for a day); Decide for 20 workers on two groups, a backlog and ten deadlines each: %.1f us",
		float64(arrivals)/took.Seconds()/1e6, decide)
}
