package simulate

import (
	"errors"
	"fmt"
	"time"

	"tandem/runtime/capacity"
)

// Worker is the name of the one worker, and of its group, in what a policy observes.
const Worker = "worker"

// Config of a run.
type Config struct {
	// Slots is how many jobs one instance runs at once. Defaults to 1.
	Slots int
	// Maximum instances of both kinds together, whatever a policy wants. Required.
	Maximum int
	// ColdStart of an instance, by stages.
	ColdStart ColdStart
	// Checkpoint is how jobs save their work. The zero value is jobs that start anew.
	Checkpoint Checkpoint
	// Spot is when spot instances can be had. Nil is always.
	Spot *Availability
	// Hazard is the rate at which EC2 takes a running spot instance back, in
	// interruptions an hour and instance, beside what Spot says; at least 0.
	Hazard float64
	// Notice between the word that a spot instance is taken back and its end, at
	// least 0: 2 minutes on EC2
	// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html, 2026-11-24).
	Notice time.Duration
	// SpotPrice and OnDemandPrice of an instance in USD an hour.
	SpotPrice, OnDemandPrice float64
	// Every is how often the policy looks at least. Defaults to one minute.
	Every time.Duration
	// WakeDelay from a submit that finds nothing running to the policy's look. Defaults to one second.
	WakeDelay time.Duration
	// Arrivals is for how long jobs may come, where that is known. Defaults to
	// nothing: up to the last of them.
	Arrivals time.Duration
	// Drain is how long after the last arrival jobs may still end. Defaults to a week.
	Drain time.Duration
	// Start of the run by the clock. Defaults to 2026-01-05, a Monday, in UTC.
	Start time.Time
	// Seed of what is drawn: hazards, and which idle slot takes a job.
	Seed uint64
	// Samples is how many samples a timeline may have, at least 2; 0 makes none.
	Samples int
	// Watch is called at each look after the policy has decided, for timelines; may be nil.
	Watch func(Look)
}

// ColdStart is what passes between an instance being had and its first job. The
// instance is billed from the beginning of it.
type ColdStart struct {
	// Launch until the instance runs, Boot until it has joined the cluster, Image
	// until the container is there, Weights until the model is loaded.
	Launch, Boot, Image, Weights time.Duration
}

// Total of the stages.
func (c ColdStart) Total() time.Duration { return c.Launch + c.Boot + c.Image + c.Weights }

// Checkpoint is how jobs save their work.
type Checkpoint struct {
	// Interval of work between two; 0 is never.
	Interval time.Duration
	// Cost in time of writing one, during which the job does not get on.
	Cost time.Duration
	// Restore is what reading one costs at a resume.
	Restore time.Duration
	// OnNotice saves at the notice of an interruption and gives the slot back, where Cost fits into it.
	OnNotice bool
}

// Policy sizes the fleet.
type Policy interface {
	// Decide on how many instances there should be. The view is reused: what is
	// to be kept of it has to be copied.
	Decide(view *View) Target
}

// View is what a policy sees.
type View struct {
	// Observed is what the production controller sees, with one worker and one group.
	capacity.Observed
	// Arrived jobs since the start.
	Arrived int
	// Dated are the jobs of the observed deadlines, in the same order, with what
	// only a simulator knows for certain.
	Dated []Dated
}

// Dated is a job with a deadline that has not ended.
type Dated struct {
	Arrived, Deadline time.Time
	// Duration of all its work, and what remains of it.
	Duration, Remaining time.Duration
	// Running jobs have a slot, on on-demand capacity or on spot.
	Running, OnDemand bool
}

// Target is what a policy wants.
type Target struct {
	// Spot and OnDemand instances. Busy ones end their jobs first.
	Spot, OnDemand int
	// LookAgain is when to look at the latest, beside each minute and events; zero for nothing more.
	LookAgain time.Time
}

// Look is one decision, for a timeline.
type Look struct {
	At               time.Duration
	Waiting, Running int
	// Spot and OnDemand instances that take jobs.
	Spot, OnDemand int
	Target         Target
}

func (c Config) withDefaults() Config {
	c.Slots = max(c.Slots, 1)
	if c.Every <= 0 {
		c.Every = time.Minute
	}
	if c.WakeDelay <= 0 {
		c.WakeDelay = time.Second
	}
	if c.Drain <= 0 {
		c.Drain = 7 * 24 * time.Hour
	}
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	}
	return c
}

// Validate tells what cannot be simulated.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, arguments ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, arguments...))
		}
	}
	check(c.Maximum > 0, "maximum is %d instances: allow one at least", c.Maximum)
	check(c.Samples == 0 || c.Samples >= 2, "%d samples are no timeline: ask for 2 at least, or for 0", c.Samples)
	check(c.Slots <= 1<<12, "%d slots an instance are more than 4,096", c.Slots)
	check(c.Hazard >= 0 && c.Hazard < 1e6, "hazard of %g interruptions an hour is not between 0 and 1e6", c.Hazard)
	check(c.SpotPrice >= 0 && c.OnDemandPrice >= 0, "a price is below zero")
	for _, stage := range []time.Duration{c.ColdStart.Launch, c.ColdStart.Boot, c.ColdStart.Image, c.ColdStart.Weights,
		c.Notice, c.Checkpoint.Interval, c.Checkpoint.Cost, c.Checkpoint.Restore} {
		check(stage >= 0, "a duration of %v is below zero", stage)
	}
	if c.Spot != nil {
		check(c.Spot.Gap > 0 && len(c.Spot.Samples) > 0, "the spot trace has no samples, or no time between them")
	}
	return errors.Join(errs...)
}
