package report

import (
	"strconv"

	"tandem/planning/simulate/experiment"
)

// figure is a value as it is shown, and as it is in the Result.
type figure struct {
	Text  string
	Value string // empty where it is unknown
}

func figureOf(u unit, v float64) figure {
	if !known(v) {
		return figure{Text: unknown}
	}
	return figure{Text: u.format(v), Value: strconv.FormatFloat(v, 'g', -1, 64)}
}

// cell of the comparison.
type cell struct {
	Mean figure
	// Low and High are shown where there is an interval.
	Interval  bool
	Low, High figure
	Best      bool
}

// column is a policy.
type column struct {
	ID, About string
	// Undone says how many jobs are, where the policy does not do the work.
	Undone string
}

func columns(r *experiment.Result) []column {
	var all []column
	for _, policy := range r.Policies {
		c := column{ID: policy.ID, About: policy.About}
		if !does(r, policy) {
			c.Undone = share.rough(undone(policy)) + " of jobs undone"
		}
		all = append(all, c)
	}
	return all
}

// comparison is one measure of all policies.
type comparison struct {
	Label, About string
	Cells        []cell
}

// compare all policies by all metrics that any of them has.
func compare(r *experiment.Result) []comparison {
	var rows []comparison
	for _, m := range inOrder(r) {
		row, some := comparison{Label: m.label, About: m.about}, false
		winner := best(r, m)
		for i, policy := range r.Policies {
			interval, ok := find(policy, m.metric)
			if !ok {
				row.Cells = append(row.Cells, cell{Mean: figure{Text: unknown}})
				continue
			}
			some = true
			row.Cells = append(row.Cells, cell{Mean: figureOf(m.unit, interval.Mean), Best: i == winner,
				Interval: len(r.Seeds) > 1 && interval.Low < interval.High, Low: figureOf(m.unit, interval.Low), High: figureOf(m.unit, interval.High)})
		}
		if some || len(r.Policies) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// inOrder are the measures of a Result: ours in our order, then what is left in
// the Result's.
func inOrder(r *experiment.Result) []measure {
	present := map[string]bool{}
	var names []string
	for _, policy := range r.Policies {
		for _, interval := range policy.Metrics {
			if !present[interval.Metric] {
				present[interval.Metric] = true
				names = append(names, interval.Metric)
			}
		}
	}
	var ordered []measure
	for _, m := range measures() {
		if present[m.metric] {
			ordered = append(ordered, m)
			delete(present, m.metric)
		}
	}
	for _, name := range names {
		if present[name] {
			ordered = append(ordered, unnamed(name))
		}
	}
	return ordered
}

// card is a key figure of the first policy.
type card struct {
	Label, About string
	Mean         figure
	// Range is what the interval adds, such as "± $12".
	Range string
}

func cards(r *experiment.Result) []card {
	if len(r.Policies) == 0 {
		return nil
	}
	var all []card
	shown := map[string]bool{costPerMonth: true, costPerJob: true, waitP50: true, waitP95: true, missedShare: true, interruptions: true, wastedShare: true, utilisation: true}
	for _, m := range measures() {
		if !shown[m.metric] {
			continue
		}
		c := card{Label: m.short, About: m.about, Mean: figure{Text: unknown}}
		if interval, ok := find(r.Policies[0], m.metric); ok {
			c.Mean = figureOf(m.unit, interval.Mean)
			if len(r.Seeds) > 1 {
				c.Range = span(m.unit, interval)
			}
		}
		all = append(all, c)
	}
	return all
}

// span is an interval as what it deviates from its mean, or its ends where it is
// not even.
func span(u unit, i experiment.Interval) string {
	up, down := i.High-i.Mean, i.Mean-i.Low
	if up+down == 0 {
		return "in every run"
	}
	if up-down > 0.02*up || down-up > 0.02*down {
		return u.format(i.Low) + " to " + u.format(i.High)
	}
	return "±" + space + u.rough((up+down)/2)
}
