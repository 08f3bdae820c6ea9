package report

import (
	"strings"
	"unicode"

	"tandem/planning/simulate/experiment"
)

// Metrics that the report itself needs, by their names in a Result.
const (
	costOfRun     = "cost"
	costPerMonth  = "costPerMonth"
	costPerJob    = "costPerJob"
	waitP50       = "waitP50"
	waitP95       = "waitP95"
	missedShare   = "missedShare"
	interruptions = "interruptions"
	wastedShare   = "wastedShare"
	utilisation   = "utilisation"
)

// measure is a metric in words.
type measure struct {
	metric string
	// label, short is that of a card, and about in a clause.
	label, short, about string
	unit                unit
	// better is -1 where less is better, 1 where more is, 0 where it depends.
	better int
}

// measures that are known; others are shown by their names, after these.
func measures() []measure {
	return []measure{
		{costPerMonth, "Cost a month", "Cost a month", "730 hours at the run's pace", money, -1},
		{costPerJob, "Cost a job", "Cost a job", "by jobs that succeeded", money, -1},
		{costOfRun, "Cost of the run", "Cost of the run", "", money, -1},
		{waitP50, "Wait, P50", "Typical wait (P50)", "half of the jobs wait less", seconds, -1},
		{waitP95, "Wait, P95", "Long wait (P95)", "95 % of the jobs wait less", seconds, -1},
		{"waitP99", "Wait, P99", "Wait, P99", "99 % of the jobs wait less", seconds, -1},
		{"waitMean", "Wait, mean", "Wait, mean", "", seconds, -1},
		{"waitMax", "Wait, longest", "Wait, longest", "", seconds, -1},
		{"slowdownMean", "Slowdown, mean", "Slowdown, mean", "a job's stay as a multiple of its work", ratio, -1},
		{"slowdownP50", "Slowdown, P50", "Slowdown, P50", "a job's stay as a multiple of its work", ratio, -1},
		{"slowdownP95", "Slowdown, P95", "Slowdown, P95", "a job's stay as a multiple of its work", ratio, -1},
		{"slowdownP99", "Slowdown, P99", "Slowdown, P99", "a job's stay as a multiple of its work", ratio, -1},
		{missedShare, "Deadlines missed", "Deadlines missed", "of the jobs that had one", share, -1},
		{"missedInReachShare", "Deadlines missed in reach", "Deadlines missed in reach", "that on-demand, asked for at the submit, would have kept", share, -1},
		{interruptions, "Interruptions of jobs", "Interruptions", "in a run", count, -1},
		{wastedShare, "Work lost", "Work lost", "of the time that jobs ran, checkpoints included", share, -1},
		{utilisation, "GPU utilisation", "GPU utilisation", "of the billed time did work that counted", share, 1},
	}
}

// unnamed is a measure of a metric that this package does not know.
func unnamed(metric string) measure {
	var b strings.Builder
	for i, r := range metric {
		if i == 0 {
			r = unicode.ToUpper(r)
		} else if unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return measure{metric: metric, label: b.String(), short: b.String()}
}

// find a policy's metric; false where it has none, or none that is known. Ends
// of the interval that are not known, or the wrong way round, are the mean.
func find(policy experiment.PolicyResult, metric string) (experiment.Interval, bool) {
	for _, interval := range policy.Metrics {
		if interval.Metric == metric && known(interval.Mean) {
			if !known(interval.Low) || interval.Low > interval.Mean {
				interval.Low = interval.Mean
			}
			if !known(interval.High) || interval.High < interval.Mean {
				interval.High = interval.Mean
			}
			return interval, true
		}
	}
	return experiment.Interval{}, false
}

func anyKnown(r *experiment.Result, metric string) bool {
	for _, policy := range r.Policies {
		if _, ok := find(policy, metric); ok {
			return true
		}
	}
	return false
}

// best policy by a metric, of those that do the work, whose interval touches none
// of the others'; -1 where that is none, as it always is with one policy or one seed.
func best(r *experiment.Result, m measure) int {
	if m.better == 0 || len(r.Seeds) < 2 || len(r.Policies) < 2 {
		return -1
	}
	winner, value, compared := -1, experiment.Interval{}, 0
	for i, policy := range r.Policies {
		if !does(r, policy) {
			continue
		}
		compared++
		interval, ok := find(policy, m.metric)
		if !ok {
			return -1
		}
		if winner < 0 || float64(m.better)*(interval.Mean-value.Mean) > 0 {
			winner, value = i, interval
		}
	}
	for i, policy := range r.Policies {
		if interval, _ := find(policy, m.metric); i != winner && does(r, policy) && overlap(interval, value) {
			return -1
		}
	}
	if compared < 2 {
		return -1
	}
	return winner
}

func overlap(a, b experiment.Interval) bool { return a.Low <= b.High && b.Low <= a.High }
