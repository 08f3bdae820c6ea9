package experiment

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"tandem/planning/yamlfile"
)

// checks collects what is wrong with a scenario.
type checks struct {
	document *document
	errs     []error
}

// no says what is wrong at a path, where it is.
func (c *checks) no(wrong bool, path, format string, arguments ...any) {
	if wrong {
		c.errs = append(c.errs, fmt.Errorf("reading the scenario: %s: %s", c.document.place(path), fmt.Sprintf(format, arguments...)))
	}
}

// share must be from 0 to 1.
func (c *checks) share(path string, value float64) {
	c.no(!(value >= 0 && value <= 1), path, "%s is %g; it must be a share from 0 to 1", path, value)
}

// atLeast and a limit that keeps sums and products far from overflow.
func (c *checks) atLeast(least float64, path string, value float64) {
	c.no(!(value >= least && value <= 1e9), path, "%s is %g; it must be %g or more, up to a billion", path, value, least)
}

var name = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// check a scenario whose defaults are filled in.
func (e *Experiment) check() error {
	c, s := &checks{document: e.document}, &e.Scenario
	c.no(!name.MatchString(s.Name), "name", "name %q is not up to 64 lower-case letters, digits and hyphens", s.Name)
	c.arrivals(s)
	c.durations(s)
	c.share("priorities.high", s.Priorities.High)
	c.share("priorities.low", s.Priorities.Low)
	c.no(s.Priorities.High+s.Priorities.Low > 1, "priorities", "priorities.high and priorities.low are more than all jobs together")
	if d := s.Deadlines; d != nil {
		c.no(!(*d.Share > 0 && *d.Share <= 1), "deadlines.share", "deadlines.share is %g; it must be above 0, up to 1", *d.Share)
		wrong := len(d.Times) != 2 || !(d.Times[0] >= 0 && d.Times[0] <= d.Times[1] && d.Times[1] <= 1e6)
		c.no(wrong, "deadlines.times", "deadlines.times must be the least and the most that a job may stay, as multiples of its duration, such as [1.5, 4]")
		c.no(!wrong && d.Times[1] == 0 && d.Plus == 0, "deadlines", "deadlines leave no time at all: set times or plus")
	}
	c.instance(s)
	c.spot(s)
	c.no(s.Checkpoint.Interval > 0 && s.Checkpoint.Interval < s.Checkpoint.Cost, "checkpoint.interval", "checkpoint.interval is shorter than checkpoint.cost: a job would do little else")
	c.policy(s)
	c.no(s.Seeds < 1 || s.Seeds > 10_000, "seeds", "seeds is %d; it must be 1 to 10,000", s.Seeds)
	return errors.Join(c.errs...)
}

func (c *checks) arrivals(s *Scenario) {
	a := &s.Arrivals
	c.no(a.Trace == "" && a.PerHour == 0, "arrivals", "no jobs arrive: set arrivals.trace to a CSV, or arrivals.perHour to a rate")
	c.no(a.Trace != "" && a.PerHour != 0, "arrivals.perHour", "arrivals come from arrivals.trace or at arrivals.perHour, not both; arrivals.load makes a trace denser or thinner")
	c.no(a.Trace == "" && a.PerHour != 0 && !(a.PerHour > 0 && a.PerHour <= 1e9), "arrivals.perHour", "arrivals.perHour is %g; it must be above 0, up to a billion", a.PerHour)
	c.no(a.Trace == "" && a.Load != 0, "arrivals.load", "arrivals.load is for a trace: without one, arrivals.perHour tells how many jobs there are")
	c.no(!(a.Load >= 0 && a.Load <= 1e6), "arrivals.load", "arrivals.load is %g slots; it must be above 0, up to a million", a.Load)
	c.no(a.Trace != "" && a.Burst != 1, "arrivals.burst", "arrivals.burst is for jobs at arrivals.perHour: a trace has its own")
	c.no(a.Burst < 1 || a.Burst > 1_000_000, "arrivals.burst", "arrivals.burst is %d jobs at once; it must be 1 to a million", a.Burst)
	c.share("arrivals.swing", a.Swing)
	c.share("arrivals.weekendQuiet", a.WeekendQuiet)
	once := a.Trace != "" && a.Load == 0
	c.no(once && a.Swing != 0, "arrivals.swing", "arrivals.swing needs arrivals.load: a trace that is played once has its own day")
	c.no(once && a.WeekendQuiet != 0, "arrivals.weekendQuiet", "arrivals.weekendQuiet needs arrivals.load: a trace that is played once has its own week")
	c.no(a.Length.Std() > 10*366*24*time.Hour, "arrivals.length", "arrivals.length is above ten years")
}

func (c *checks) durations(s *Scenario) {
	d := &s.Durations
	names := []string{string(Constant), string(Exponential), string(Lognormal)}
	c.no(d.Distribution != "" && !slices.Contains(names, string(d.Distribution)), "durations.distribution",
		"durations.distribution %q is not constant, exponential or lognormal", d.Distribution)
	drawn := d.Distribution != ""
	c.no(!drawn && s.Arrivals.Trace == "", "durations", "how long do jobs take? Set durations, such as durations: { distribution: lognormal, p50: 4m, p95: 6m }")
	c.no(!drawn && (d.Mean != 0 || d.Spread != 0 || d.P50 != 0 || d.P95 != 0), "durations", "durations has no distribution: set it to constant, exponential or lognormal")
	c.no(drawn && d.Column != "", "durations.column", "durations.column is for the durations of a trace: leave out durations.distribution, or this")
	c.no((drawn || d.Column != "") && d.ContextColumn+d.GeneratedColumn != "", "durations", "durations.contextColumn and generatedColumn are for durations that are made from tokens")
	half := d.P50 != 0 || d.P95 != 0
	c.no(half && d.Distribution != Lognormal && drawn, "durations.p50", "durations.p50 and p95 are for lognormal: set durations.mean")
	c.no(half && d.Distribution == Lognormal && d.Mean == 0, "durations", "durations.p50 and p95 must both be set, the second above the first")
	c.no(drawn && d.Mean == 0 && !half, "durations", "durations.mean is missing")
	c.no(d.Spread != 0 && d.Distribution != Lognormal && drawn, "durations.spread", "durations.spread is for lognormal")
	c.no(!(d.Spread >= 0 && d.Spread <= 100), "durations.spread", "durations.spread is %g; it must be 0 to 100: the standard deviation as a multiple of the mean", d.Spread)
	c.no(d.Distribution == Lognormal && d.Spread == 0 && d.Mean > 0, "durations", "durations.spread is missing: the standard deviation as a multiple of the mean, such as 1; or set p50 and p95")
	c.no(!(d.PrefillPerSecond > 0), "durations.prefillPerSecond", "durations.prefillPerSecond is %g tokens; it must be above 0", d.PrefillPerSecond)
	c.no(!(d.DecodePerSecond > 0), "durations.decodePerSecond", "durations.decodePerSecond is %g tokens; it must be above 0", d.DecodePerSecond)
	c.no(!(d.Times > 0 && d.Times <= 1e6), "durations.times", "durations.times is %g; it must be above 0, up to a million", d.Times)
	c.no(drawn && d.Times != 1, "durations.times", "durations.times multiplies the durations of a trace: set durations.mean")
	c.no(d.Mean.Std() > 366*24*time.Hour, "durations.mean", "durations.mean is above a year")
}

func (c *checks) instance(s *Scenario) {
	i := &s.Instance
	c.no(i.Type == "" && (i.Price == nil || s.Spot.Price == nil), "instance", "which machine do jobs run on? Set instance.type, such as g5.xlarge")
	c.no(i.Slots < 1 || i.Slots > 4096, "instance.slots", "instance.slots is %d; it must be 1 to 4,096", i.Slots)
	if i.Price != nil {
		c.atLeast(0, "instance.price", *i.Price)
	}
	none := func(maximum *int) bool { return maximum != nil && *maximum == 0 }
	c.no(i.SpotMaximum != nil && *i.SpotMaximum < 0, "instance.spotMaximum", "instance.spotMaximum is below zero")
	c.no(i.OnDemandMaximum != nil && *i.OnDemandMaximum < 0, "instance.onDemandMaximum", "instance.onDemandMaximum is below zero")
	c.no(none(i.SpotMaximum) && none(i.OnDemandMaximum), "instance", "instance.spotMaximum and instance.onDemandMaximum are both 0: nothing could run")
}

func (c *checks) spot(s *Scenario) {
	m := &s.Spot
	if m.Availability != nil {
		c.share("spot.availability", *m.Availability)
		c.no(m.Trace != "", "spot.availability", "spot.trace tells when spot can be had: leave out spot.availability, or the trace")
	}
	c.no(m.Outage.Std() < time.Minute, "spot.outage", "spot.outage is %s; it must be a minute or more", m.Outage)
	if m.InterruptionsPerDay != nil {
		c.no(!(*m.InterruptionsPerDay >= 0 && *m.InterruptionsPerDay <= 1e6), "spot.interruptionsPerDay",
			"spot.interruptionsPerDay is %g; it must be 0 or more, up to a million", *m.InterruptionsPerDay)
	}
	if m.Price != nil {
		c.atLeast(0, "spot.price", *m.Price)
	}
	for i, outage := range m.Outages {
		path := fmt.Sprintf("spot.outages[%d]", i)
		c.no(outage.Length == 0, path, "%s has no length: set how long spot is gone, such as 1d", path)
		c.no(outage.From.Std()+outage.Length.Std() > marketLength, path, "%s ends after more than a year", path)
	}
}

func (c *checks) policy(s *Scenario) {
	p := &s.Policy
	c.no(p.Maximum < 1 || p.Maximum > 5000, "policy.maximum", "policy.maximum is %d instances; it must be 1 to 5,000", p.Maximum)
	c.no(p.Minimum < 0 || p.Minimum > p.Maximum, "policy.minimum", "policy.minimum is %d; it must be 0 to policy.maximum, %d", p.Minimum, p.Maximum)
	c.no(p.OnDemandBase < 0 || p.OnDemandBase > p.Maximum, "policy.onDemandBase", "policy.onDemandBase is %d; it must be 0 to policy.maximum, %d", p.OnDemandBase, p.Maximum)
	c.no(!(p.TargetBacklog >= 0 && p.TargetBacklog < math.MaxInt32), "policy.targetBacklog", "policy.targetBacklog is %g; it must be above 0", p.TargetBacklog)
	for i, window := range p.Schedule {
		path := fmt.Sprintf("policy.schedule[%d]", i)
		_, err := windowOf(window)
		c.no(err != nil, path, "%s: %v", path, err)
		c.no(window.Minimum < 1 || window.Minimum > p.Maximum, path, "%s.minimum is %d; it must be 1 to policy.maximum, %d", path, window.Minimum, p.Maximum)
	}
	for i, id := range s.Compare {
		if slices.Contains(IDs(), id) || id == All || id == None {
			continue
		}
		path := fmt.Sprintf("compare[%d]", i)
		if near := yamlfile.Nearest(id, IDs()); near != "" {
			c.no(true, path, "there is no policy %q; did you mean %q?", id, near)
		} else {
			c.no(true, path, "there is no policy %q; there are %s, or all", id, strings.Join(IDs(), ", "))
		}
	}
}
