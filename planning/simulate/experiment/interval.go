package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"tandem/planning/simulate"
)

// confidence of an interval.
const confidence = 0.95

// interval of the mean of values: with Student's t, as the standard deviation is
// taken from the same few values.
func interval(metric string, values []float64) Interval {
	mean, deviation := stat.MeanStdDev(values, nil)
	around := Interval{Metric: metric, Mean: mean, Low: mean, High: mean}
	if n := float64(len(values)); n > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + confidence) / 2)
		half := t * deviation / math.Sqrt(n)
		around.Low, around.High = mean-half, mean+half
	}
	return around
}

// intervals of all metrics of a policy's runs.
func intervals(runs []simulate.Summary, dated bool) []Interval {
	var all []Interval
	for _, metric := range Metrics() {
		if metric.Dated && !dated {
			continue
		}
		values := make([]float64, len(runs))
		for i, run := range runs {
			values[i] = metric.Of(run)
		}
		around := interval(metric.Name, values)
		// No metric is below zero, whatever the spread of a few values suggests.
		around.Low = max(around.Low, 0)
		all = append(all, around)
	}
	return all
}

// differences of a policy's runs from those of another one with the same seeds,
// pair by pair: what both met alike does not blur them.
func differences(runs, others []simulate.Summary, dated bool) []Interval {
	var all []Interval
	for _, metric := range Metrics() {
		if metric.Dated && !dated {
			continue
		}
		values := make([]float64, len(runs))
		for i := range runs {
			values[i] = metric.Of(runs[i]) - metric.Of(others[i])
		}
		all = append(all, interval(metric.Name, values))
	}
	return all
}

// mostPoints of a distribution, beside those of its tail.
const mostPoints = 200

// points of the distribution of waits, closer together above the 99th percentile.
func points(waits simulate.Histogram) []Point {
	all := []Point{}
	seen, shown := int64(0), 0.0
	for seconds, count := range waits.All() {
		seen += count
		share := float64(seen) / float64(waits.Total())
		step := 1.0 / mostPoints
		if share > 0.99 {
			step /= 20
		}
		if share-shown >= step || seen == waits.Total() || len(all) == 0 {
			all = append(all, Point{Seconds: seconds, Share: share})
			shown = share
		}
	}
	return all
}
