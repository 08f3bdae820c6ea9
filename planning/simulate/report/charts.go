package report

import "tandem/planning/simulate/experiment"

// charts of a Result that have something to show, in the order of the page: the
// trade-off, the waits, the timeline of the first policy, what is spent on what,
// and the timelines of the other policies.
func charts(r *experiment.Result) []chart {
	var all []chart
	add := func(c chart, ok bool) {
		if ok {
			all = append(all, c)
		}
	}
	add(tradeoffChart(r))
	add(waitsChart(r))
	for i := range r.Policies {
		if i == 1 {
			add(costChart(r))
			add(timeChart(r))
		}
		add(timelineChart(r, i))
	}
	if len(r.Policies) == 1 {
		add(costChart(r))
		add(timeChart(r))
	}
	return all
}
