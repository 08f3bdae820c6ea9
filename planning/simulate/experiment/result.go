package experiment

import "tandem/planning/simulate"

// Result of an experiment: what each policy made of the same work, over several
// seeds. Times are in seconds, money in USD.
type Result struct {
	// Name and Title of the scenario, and its file's text as it was read.
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Scenario string `json:"scenario"`
	// Facts are what the run assumed, in the order in which a reader asks.
	Facts []Fact `json:"facts"`
	// Seeds of the runs; each policy ran once with each.
	Seeds []uint64 `json:"seeds"`
	// Policies in the order asked for; the first is the one that was asked about,
	// the others are for comparison.
	Policies []PolicyResult `json:"policies"`
	// PricesFrom is the date of the oldest price used, as YYYY-MM-DD.
	PricesFrom string `json:"pricesFrom"`
}

// Fact that a run assumed, such as {"instance", "g5.xlarge, 1 GPU", "the scenario"}.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// PolicyResult is what came of one policy.
type PolicyResult struct {
	// ID such as "tandem" or "on-demand-only", and what it does in a sentence.
	ID    string `json:"id"`
	About string `json:"about"`
	// Metrics over the seeds, by name, in the order of [Metrics]; those of deadlines
	// only where jobs have one.
	Metrics []Interval `json:"metrics"`
	// Differences from the first policy, by pairs of runs with the same seed, which
	// met the same jobs and market: positive is more than the first. Empty for the first.
	Differences []Interval `json:"differences,omitempty"`
	// Runs are the summaries, one a seed.
	Runs []simulate.Summary `json:"runs"`
	// Waits is how the waits of all runs are distributed.
	Waits []Point `json:"waits"`
	// Timeline of the run with the first seed, of a few hundred samples at most.
	Timeline []Sample `json:"timeline"`
}

// Interval is the mean of a metric over the seeds, and where its true mean is
// with 95 % confidence (Student's t). With one seed Low and High are the mean.
type Interval struct {
	Metric string  `json:"metric"`
	Mean   float64 `json:"mean"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Point of a distribution: Share of the jobs waited at most Seconds.
type Point struct {
	Seconds float64 `json:"seconds"`
	Share   float64 `json:"share"`
}

// Sample of a timeline: the means over the time from the sample before to At,
// and the cost up to At.
type Sample struct {
	// At in seconds since the start of the run.
	At       float64 `json:"at"`
	Waiting  float64 `json:"waiting"`
	Running  float64 `json:"running"`
	Spot     float64 `json:"spot"`
	OnDemand float64 `json:"onDemand"`
	// SpotAvailable is the share of the time in which spot could be had.
	SpotAvailable float64 `json:"spotAvailable"`
	Cost          float64 `json:"cost"`
}

// Metric of a policy by its name; false where it has none.
func (p PolicyResult) Metric(name string) (Interval, bool) {
	for _, metric := range p.Metrics {
		if metric.Metric == name {
			return metric, true
		}
	}
	return Interval{}, false
}
