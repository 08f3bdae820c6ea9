package report

import (
	"slices"
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
	// Failure is what a policy leaves undone that does not do the work.
	Failure string
}

func columns(r *experiment.Result) []column {
	var all []column
	for _, policy := range r.Policies {
		c := column{ID: policy.ID, About: policy.About}
		if !does(r, policy) {
			c.Failure = failure(policy)
		}
		all = append(all, c)
	}
	return all
}

// section of the comparison, of measures that belong together.
type section struct {
	Title string
	Rows  []comparison
}

// comparison is one measure of all policies.
type comparison struct {
	Label, About string
	Cells        []cell
}

// compare all policies by all metrics that any of them has: those that are
// known in their groups, then what is left.
func compare(r *experiment.Result) []section {
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
	var sections []section
	for _, g := range groups() {
		s := section{Title: g.title}
		for _, m := range g.measures {
			if present[m.metric] {
				s.Rows = append(s.Rows, compareBy(r, m))
				delete(present, m.metric)
			}
		}
		sections = append(sections, s)
	}
	rest := section{Title: "More"}
	for _, name := range names {
		if present[name] {
			rest.Rows = append(rest.Rows, compareBy(r, unnamed(name)))
		}
	}
	return slices.DeleteFunc(append(sections, rest), func(s section) bool { return len(s.Rows) == 0 })
}

func compareBy(r *experiment.Result, m measure) comparison {
	c, winner := comparison{Label: m.label, About: m.about}, best(r, m)
	for i, policy := range r.Policies {
		interval, ok := find(policy, m.metric)
		if !ok {
			c.Cells = append(c.Cells, cell{Mean: figure{Text: unknown}})
			continue
		}
		c.Cells = append(c.Cells, cell{Mean: figureOf(m.unit, interval.Mean), Best: i == winner,
			Interval: len(r.Seeds) > 1 && interval.Low < interval.High, Low: figureOf(m.unit, interval.Low), High: figureOf(m.unit, interval.High)})
	}
	return c
}

// card is a key figure of the first policy.
type card struct {
	Label, About string
	Mean         figure
	// Range is what the interval adds, such as "± $12".
	Range string
}

// cards are the key figures that the first policy has. One without deadlines has
// none of those that were missed.
func cards(r *experiment.Result) []card {
	if len(r.Policies) == 0 {
		return nil
	}
	first := r.Policies[0]
	var all []card
	for _, m := range []measure{
		{costPerMonth, "Cost a month", "730 hours of such arrivals", money, 0},
		{costPerJob, "Cost a job", "by jobs that succeeded", money, 0},
		{waitP50, "Typical wait (P50)", "half of the jobs wait less", seconds, 0},
		{waitP95, "Long wait (P95)", "95\u00a0% of the jobs wait less", seconds, 0},
		{missedShare, "Deadlines missed", "of the jobs that had one", share, 0},
		{interruptions, "Interruptions", "of jobs in a run", count, 0},
		{wastedShare, "Work lost", "of the time that jobs ran, checkpoints included", share, 0},
		{utilisation, "GPU utilisation", "of the billed time did work that counted", share, 0},
	} {
		if !slices.ContainsFunc(first.Metrics, func(i experiment.Interval) bool { return i.Metric == m.metric }) {
			continue
		}
		c := card{Label: m.label, About: m.about, Mean: figure{Text: unknown}}
		if interval, ok := find(first, m.metric); ok {
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
