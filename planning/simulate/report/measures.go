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
	// label in the table, and about in a clause.
	label, about string
	unit         unit
	// better is -1 where less is better, 1 where more is, 0 where it depends.
	better int
}

// group of measures in the table.
type group struct {
	title    string
	measures []measure
}

// groups of the measures that are known.
func groups() []group {
	return []group{
		{"Cost", []measure{
			{costPerMonth, "A month", "730 hours of such arrivals", money, -1},
			{costPerJob, "A job", "by jobs that succeeded", money, -1},
			{costOfRun, "The run", "", money, -1},
		}},
		{"Waiting", []measure{
			{waitP50, "Wait, P50", "half of the jobs wait less", seconds, -1},
			{waitP95, "Wait, P95", "95\u00a0% of the jobs wait less", seconds, -1},
			{"waitP99", "Wait, P99", "99\u00a0% of the jobs wait less", seconds, -1},
			{"waitMean", "Wait, mean", "", seconds, -1},
			{"waitMax", "Wait, longest", "", seconds, -1},
			{"slowdownP50", "Slowdown, P50", "stay as a multiple of work", ratio, -1},
			{"slowdownP95", "Slowdown, P95", "stay as a multiple of work", ratio, -1},
		}},
		{"Jobs in a run", []measure{
			{"jobs", "Arrived", "", count, 0},
			{missedShare, "Deadlines missed", "of the jobs that had one", share, -1},
			{"missed", "Deadlines missed", "jobs", count, -1},
			{"missedInReachShare", "Missed in reach", "on-demand at once would have kept them", share, -1},
			{"missedInReach", "Missed in reach", "jobs", count, -1},
			{interruptions, "Interruptions", "of jobs, by the end of spot instances", count, -1},
			{"unfinished", "Unfinished", "when the run was given up", count, -1},
		}},
		{"GPUs in a run", []measure{
			{utilisation, "Utilisation", "of the billed time did work that counted", share, 1},
			{wastedShare, "Work lost", "of the time that jobs ran, checkpoints included", share, -1},
			{"wastedHours", "Work lost", "", hours, -1},
			{"spotHours", "Spot", "instances, billed", hours, 0},
			{"onDemandHours", "On-demand", "instances, billed", hours, 0},
			{"launches", "Launches", "of instances", count, 0},
			{"launchFailures", "Launches that failed", "spot could not be had", count, 0},
		}},
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
	return measure{metric: metric, label: b.String()}
}

// find a policy's metric; false where it has none, or none that is known. Ends
// of the interval that are not known, or the wrong way round, are the mean.
func find(policy experiment.PolicyResult, metric string) (experiment.Interval, bool) {
	return search(policy.Metrics, metric)
}

func search(intervals []experiment.Interval, metric string) (experiment.Interval, bool) {
	for _, interval := range intervals {
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

// costMetric is the cost that is spoken of: that of a month, if it is known.
func costMetric(r *experiment.Result) (metric, per string) {
	if anyKnown(r, costPerMonth) {
		return costPerMonth, " a month"
	}
	return costOfRun, " a run"
}
