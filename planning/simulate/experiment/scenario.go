package experiment

import "tandem/config"

// Scenario is what is asked: which jobs arrive, on which machines, in which
// market, and which policies should cope. docs/simulation.md lists its keys.
type Scenario struct {
	// Name in lower-case letters, digits and hyphens. Default: that of the file.
	Name string `yaml:"name"`
	// Title in words.
	Title string `yaml:"title"`
	// Environment and Worker of a configuration, whose slots, instance type and
	// policy are the defaults of what stands below. Both or none.
	Environment string `yaml:"environment"`
	Worker      string `yaml:"worker"`

	Arrivals   Arrivals   `yaml:"arrivals"`
	Durations  Durations  `yaml:"durations"`
	Priorities Priorities `yaml:"priorities"`
	Deadlines  *Deadlines `yaml:"deadlines"`
	Instance   Instance   `yaml:"instance"`
	Spot       Spot       `yaml:"spot"`
	Checkpoint Checkpoint `yaml:"checkpoint"`
	// Policy is workers.*.scale of a configuration. Its maximum holds for all policies.
	Policy config.WorkerScale `yaml:"policy"`
	// Compare with these policies, by their ids. Default: on-demand-only.
	Compare []string `yaml:"compare"`
	// Seeds is how many runs each policy has. Default: 5.
	Seeds int `yaml:"seeds"`
	// Seed of the first run; the others follow it. Default: 1.
	Seed uint64 `yaml:"seed"`
}

// Arrivals of jobs: from a trace, or drawn.
type Arrivals struct {
	// Trace is a CSV, relative to the scenario's file, or shipped:NAME for one
	// that the program carries.
	Trace string `yaml:"trace"`
	// TimeColumn of the trace. Default: TIMESTAMP.
	TimeColumn string `yaml:"timeColumn"`
	// Load plays the trace again and again, and keeps so many slots busy on average.
	// Default: it is played once, as it was recorded.
	Load float64 `yaml:"load"`
	// PerHour is the mean number of jobs that arrive on a weekday, where there is no trace.
	PerHour float64 `yaml:"perHour"`
	// Burst is how many of them come at once. Default: 1.
	Burst int `yaml:"burst"`
	// Swing of the day around its mean, with the peak at 14:00, 0 to 1. Default: 0.
	Swing float64 `yaml:"swing"`
	// WeekendQuiet is the share of jobs that is missing on Saturday and Sunday, 0 to 1. Default: 0.
	WeekendQuiet float64 `yaml:"weekendQuiet"`
	// Length of the run, from a Monday at 00:00. Default: 7d; that of the trace
	// where it is played once.
	Length config.Duration `yaml:"length"`
}

// Distribution of durations.
type Distribution string

// The distributions.
const (
	Constant    Distribution = "constant"
	Exponential Distribution = "exponential"
	Lognormal   Distribution = "lognormal"
)

// Durations of jobs: drawn, or of the trace.
type Durations struct {
	// Distribution: constant, exponential or lognormal. Default: those of the trace.
	Distribution Distribution `yaml:"distribution"`
	// Mean of the distribution.
	Mean config.Duration `yaml:"mean"`
	// Spread of lognormal: the standard deviation as a multiple of the mean.
	Spread float64 `yaml:"spread"`
	// P50 and P95 of lognormal, in place of mean and spread.
	P50 config.Duration `yaml:"p50"`
	P95 config.Duration `yaml:"p95"`
	// Column of the trace that holds seconds. Default: durations are made from tokens.
	Column string `yaml:"column"`
	// ContextColumn and GeneratedColumn of the trace hold tokens in and out.
	// Default: ContextTokens and GeneratedTokens.
	ContextColumn   string `yaml:"contextColumn"`
	GeneratedColumn string `yaml:"generatedColumn"`
	// PrefillPerSecond and DecodePerSecond are how many of these tokens a job works
	// through. Default: 2,000 and 25.
	PrefillPerSecond float64 `yaml:"prefillPerSecond"`
	DecodePerSecond  float64 `yaml:"decodePerSecond"`
	// Times multiplies the trace's durations. Default: 1.
	Times float64 `yaml:"times"`
}

// Priorities are shares of the jobs, 0 to 1; the others are normal.
type Priorities struct {
	High float64 `yaml:"high"`
	Low  float64 `yaml:"low"`
}

// Deadlines of jobs. A job may stay a multiple of its duration, drawn evenly
// between the two of Times, and Plus.
type Deadlines struct {
	// Share of the jobs that have one, above 0 to 1. Default: 1.
	Share *float64 `yaml:"share"`
	// Times is the least and the most. Default: [1, 1].
	Times []float64 `yaml:"times"`
	// Plus is added. Default: 0s.
	Plus config.Duration `yaml:"plus"`
}

// Instance that jobs run on.
type Instance struct {
	// Type such as g5.xlarge. Default: the first of the worker's group.
	Type string `yaml:"type"`
	// Region of its price. Default: us-east-1, or the environment's.
	Region string `yaml:"region"`
	// Slots is how many jobs one instance runs at once. Default: 1.
	Slots int `yaml:"slots"`
	// ColdStart from launch to the first job.
	ColdStart ColdStart `yaml:"coldStart"`
	// Price on-demand in USD an hour. Default: the price list's.
	Price *float64 `yaml:"price"`
	// SpotMaximum and OnDemandMaximum instances. Default: policy.maximum.
	SpotMaximum     *int `yaml:"spotMaximum"`
	OnDemandMaximum *int `yaml:"onDemandMaximum"`

	// part of an instance that one task takes, where several share it: 0 is all.
	part float64
}

// ColdStart in stages: the instance runs, has joined the cluster, the container
// is there, the model is loaded.
type ColdStart struct {
	// Default: 30s, 90s, 60s and 60s.
	Launch  config.Duration `yaml:"launch"`
	Boot    config.Duration `yaml:"boot"`
	Image   config.Duration `yaml:"image"`
	Weights config.Duration `yaml:"weights"`
}

// Spot is the market.
type Spot struct {
	// Trace is a JSON of when an instance could be had, relative to the
	// scenario's file, or shipped:NAME. Default: always.
	Trace string `yaml:"trace"`
	// Availability, in place of a trace, is the share of the time in which an
	// instance can be had, 0 to 1; Outage is how long it cannot on average. Default: 1 and 1h.
	Availability *float64        `yaml:"availability"`
	Outage       config.Duration `yaml:"outage"`
	// Outages at known times, beside those.
	Outages []Outage `yaml:"outages"`
	// InterruptionsPerDay of an instance, beside those at the begin of an outage.
	// Default: 0 with a trace, else what the Spot Advisor says.
	InterruptionsPerDay *float64 `yaml:"interruptionsPerDay"`
	// Notice before an instance is taken. Default: 2m.
	Notice config.Duration `yaml:"notice"`
	// Price in USD an hour. Default: the price list's.
	Price *float64 `yaml:"price"`
}

// Outage is a time without spot.
type Outage struct {
	// From the start of the run.
	From config.Duration `yaml:"from"`
	// Length, above 0.
	Length config.Duration `yaml:"length"`
}

// Checkpoint is how jobs save their work. Without an interval they start anew
// after an interruption, unless they save at the notice.
type Checkpoint struct {
	// Interval of work between two.
	Interval config.Duration `yaml:"interval"`
	// Cost is how long writing one takes, and Restore reading it.
	Cost    config.Duration `yaml:"cost"`
	Restore config.Duration `yaml:"restore"`
	// OnNotice saves at the notice and gives the instance back.
	OnNotice bool `yaml:"onNotice"`
}
