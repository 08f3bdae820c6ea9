package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/experiment"
)

// told is a policy by its cost a month, give or take, and its wait.
func told(id string, cost, give, wait float64, runs ...simulate.Summary) experiment.PolicyResult {
	return experiment.PolicyResult{ID: id, Runs: runs, Metrics: []experiment.Interval{
		{Metric: costPerMonth, Mean: cost, Low: cost - give, High: cost + give},
		{Metric: waitP95, Mean: wait, Low: wait * 0.99, High: wait * 1.01},
	}}
}

func costs(all ...float64) []simulate.Summary {
	var runs []simulate.Summary
	for _, cost := range all {
		runs = append(runs, simulate.Summary{Arrived: 100, Succeeded: 100, Cost: cost})
	}
	return runs
}

func TestTheVerdictIsWhatTheFiguresSay(t *testing.T) {
	lazy := told("lazy", 10, 1, 60, simulate.Summary{Arrived: 100, Deadlines: 50, Missed: 20, Unfinished: 10})
	paired := told("second", 110, 20, 60)
	paired.Differences = []experiment.Interval{{Metric: costPerMonth, Mean: 10, Low: 8, High: 12}}
	cases := map[string]struct {
		policies []experiment.PolicyResult
		decided  bool
		sentence string
		notes    []string
	}{
		"the first is cheapest, and faster": {
			[]experiment.PolicyResult{told("ours", 100, 5, 60), told("theirs", 200, 5, 120)}, true,
			"ours is the cheapest of the 2 policies: $100 a month, 50 % less than the next, theirs; 95 % of its jobs wait at most 1 min.", nil},
		"another is cheaper, the first is faster": {
			[]experiment.PolicyResult{told("ours", 120, 1, 60), told("theirs", 100, 1, 90)}, true,
			"theirs is the cheapest of the 2 policies: $100 a month, 17 % less than the next, ours; 95 % of its jobs wait at most 1.5 min.",
			[]string{"ours, the policy that was asked about, costs $120 a month, 20 % more than theirs; no policy’s jobs certainly wait less: 95 % of its jobs wait at most 1 min."}},
		"cheapness against waits is a choice": {
			[]experiment.PolicyResult{told("ours", 150, 1, 60), told("fast", 500, 1, 30), told("cheap", 100, 1, 7200)}, false,
			"cheap is the cheapest of the 3 policies: $100 a month, 33 % less than the next, ours, but 95 % of its jobs wait up to 2 h.",
			[]string{"ours, the policy that was asked about, costs $150 a month, 50 % more than cheap; 95 % of its jobs wait at most 1 min.",
				"Jobs wait least with fast, 95 % of them at most 30 s; it costs 5 times as much as cheap."}},
		"intervals that overlap decide nothing": {
			[]experiment.PolicyResult{told("ours", 100, 10, 60, costs(1, 2, 3)...), told("theirs", 105, 10, 60, costs(2, 1, 4)...)}, false,
			"It is not decided which of the 2 policies is cheapest: what ours costs, $90 to $110 a month, is too close to theirs ($95 to $115).",
			[]string{"On the same arrivals, ours was cheaper than theirs in 2 of 3 runs. More seeds make the intervals narrower.",
				"ours costs $100 a month on average; 95 % of its jobs wait at most 1 min."}},
		"a difference run by run decides though intervals overlap": {
			[]experiment.PolicyResult{told("first", 100, 20, 60), paired}, true,
			"first is the cheapest of the 2 policies: $100 a month, 9.1 % less than the next, second; 95 % of its jobs wait at most 1 min.", nil},
		"who leaves the work undone is not cheap": {
			[]experiment.PolicyResult{told("ours", 100, 5, 60, costs(1)...), told("theirs", 200, 5, 120, costs(1)...), lazy}, true,
			"ours is the cheapest of the 2 policies that do the work: $100 a month, 50 % less than the next, theirs; 95 % of its jobs wait at most 1 min.",
			[]string{"Left out, as the work is not done: lazy ($10 a month, 40 % of deadlines missed)."}},
		"one alone does the work": {
			[]experiment.PolicyResult{lazy, told("theirs", 200, 5, 120, costs(1)...)}, true,
			"Only theirs does the work: it costs $200 a month; 95 % of its jobs wait at most 2 min.",
			[]string{"Left out, as the work is not done: lazy ($10 a month, 40 % of deadlines missed)."}},
		"nobody waits": {
			[]experiment.PolicyResult{told("ours", 0, 0, 0), told("theirs", 1, 0, 0)}, true,
			"ours is the cheapest of the 2 policies: $0 a month, 100 % less than the next, theirs; 95 % of its jobs do not wait at all.", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			v := judge(&experiment.Result{Seeds: []uint64{1, 2, 3}, Policies: c.policies})
			require.Equal(t, c.sentence, strings.ReplaceAll(v.Sentence, space, " "))
			require.Equal(t, c.decided, v.Decided)
			var notes []string
			for _, note := range v.Notes {
				notes = append(notes, strings.ReplaceAll(note, space, " "))
			}
			require.Equal(t, c.notes, notes)
		})
	}
}

func TestOnlyWhatIsCertainIsMarkedAsBest(t *testing.T) {
	cost := measure{metric: costPerMonth, better: -1}
	seeds := []uint64{1, 2, 3}
	near, far := told("near", 105, 10, 1, costs(1)...), told("far", 300, 10, 1, costs(1)...)
	first := told("first", 100, 10, 1, costs(1)...)
	lazy := told("lazy", 10, 1, 1, simulate.Summary{Arrived: 10, Unfinished: 9})
	paired := near
	paired.Differences = []experiment.Interval{{Metric: costPerMonth, Mean: 5, Low: 1, High: 9}}
	even := far
	even.Differences = []experiment.Interval{{Metric: costPerMonth, Mean: 200, Low: -1, High: 401}}
	cases := map[string]struct {
		seeds    []uint64
		policies []experiment.PolicyResult
		measure  measure
		want     int
	}{
		"apart":                           {seeds, []experiment.PolicyResult{first, far}, cost, 0},
		"more is better":                  {seeds, []experiment.PolicyResult{first, far}, measure{metric: costPerMonth, better: 1}, 1},
		"neither is better":               {seeds, []experiment.PolicyResult{first, far}, measure{metric: costPerMonth}, -1},
		"overlapping":                     {seeds, []experiment.PolicyResult{first, near, far}, cost, -1},
		"apart run by run":                {seeds, []experiment.PolicyResult{first, paired, far}, cost, 0},
		"apart but not run by run":        {seeds, []experiment.PolicyResult{first, even}, cost, -1},
		"one run":                         {seeds[:1], []experiment.PolicyResult{first, far}, cost, -1},
		"one policy":                      {seeds, []experiment.PolicyResult{first}, cost, -1},
		"cheap for what it leaves undone": {seeds, []experiment.PolicyResult{first, lazy, far}, cost, 0},
		"one is not known":                {seeds, []experiment.PolicyResult{first, {ID: "none"}}, cost, -1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, best(&experiment.Result{Seeds: c.seeds, Policies: c.policies}, c.measure))
		})
	}
}
