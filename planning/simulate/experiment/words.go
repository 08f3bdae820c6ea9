package experiment

import (
	"fmt"
	"strings"
	"time"

	"tandem/config"
)

func (e *Experiment) arrivalsInWords() (text, source string) {
	a := &e.Scenario.Arrivals
	if a.Trace != "" && a.Load == 0 {
		text = "as they were recorded"
		if a.Length > 0 {
			text += ", the first " + a.Length.String()
		}
		return text, e.traceInWords(a.Trace)
	}
	source = fromScenario
	if a.Trace != "" {
		text = fmt.Sprintf("a recording of %s, repeated over %s and thinned to keep %s busy on average", plural(len(e.recording), "job"), a.Length, plural2(a.Load, "slot"))
		source = e.traceInWords(a.Trace)
	} else {
		text = fmt.Sprintf("at random, %s an hour on average over %s", plural2(a.PerHour, "job"), a.Length)
	}
	if a.Burst > 1 {
		text += fmt.Sprintf(", %d at once", a.Burst)
	}
	if a.Swing > 0 {
		text += fmt.Sprintf(", %s more at 14:00 and less at night", percent(a.Swing))
	}
	if a.WeekendQuiet > 0 {
		text += fmt.Sprintf(", %s less at weekends", percent(a.WeekendQuiet))
	}
	return text, source
}

func (e *Experiment) traceInWords(called string) string {
	if name, found := strings.CutPrefix(called, carried); found {
		return name + ", which is shipped"
	}
	return called
}

func (e *Experiment) durationsInWords() (text, source string) {
	d := &e.Scenario.Durations
	switch {
	case d.Distribution == Lognormal && d.P50 > 0:
		return fmt.Sprintf("lognormal, half below %s and 95 %% below %s, %s on average", d.P50, d.P95, short(d.Mean.Std())), fromScenario
	case d.Distribution == Lognormal:
		return fmt.Sprintf("lognormal, %s on average with a standard deviation of %s times that", d.Mean, number(d.Spread)), fromScenario
	case d.Distribution == Exponential:
		return fmt.Sprintf("exponential, %s on average", d.Mean), fromScenario
	case d.Distribution == Constant:
		return d.Mean.String(), fromScenario
	}
	text = fmt.Sprintf("from tokens: %s a second in, %s out", number(d.PrefillPerSecond), number(d.DecodePerSecond))
	if d.Column != "" {
		text = "as recorded in the column " + d.Column
	}
	if d.Times != 1 {
		text += fmt.Sprintf(", times %s", number(d.Times))
	}
	if len(e.recording) > 0 {
		total := time.Duration(0)
		for _, job := range e.recording {
			total += job.Duration / time.Duration(len(e.recording))
		}
		text += fmt.Sprintf("; %s on average", short(time.Duration(float64(total)*d.Times)))
	}
	return text, e.traceInWords(e.Scenario.Arrivals.Trace)
}

func (e *Experiment) kindsInWords() string {
	s := &e.Scenario
	var kinds []string
	if s.Instance.SpotMaximum != nil {
		kinds = append(kinds, fmt.Sprintf("%d on spot", *s.Instance.SpotMaximum))
	}
	if s.Instance.OnDemandMaximum != nil {
		kinds = append(kinds, fmt.Sprintf("%d on on-demand", *s.Instance.OnDemandMaximum))
	}
	if len(kinds) == 0 {
		return ""
	}
	return ", of them at most " + strings.Join(kinds, " and ")
}

func (e *Experiment) marketInWords() (text, source string) {
	m := &e.Scenario.Spot
	text, source = "always there", e.document.source("spot")
	switch {
	case m.Trace != "":
		text = fmt.Sprintf("there for %s of the time by a trace of %s", percent(e.market.Share()), short(e.market.Length()))
		source = e.traceInWords(m.Trace)
	case m.Availability != nil && *m.Availability == 0:
		text = "never there"
	case m.Availability != nil && *m.Availability < 1:
		text = fmt.Sprintf("there for %s of the time, gone for %s on average, at random", percent(*m.Availability), m.Outage)
	}
	for _, outage := range m.Outages {
		text += fmt.Sprintf("; gone for %s from %s on", outage.Length, outage.From)
	}
	return text, source
}

func (c Checkpoint) inWords() string {
	var parts []string
	if c.Interval > 0 {
		parts = append(parts, fmt.Sprintf("after each %s of work", c.Interval))
	}
	if c.OnNotice {
		parts = append(parts, "at the notice of an interruption")
	}
	if len(parts) == 0 {
		return "none: what is interrupted starts anew"
	}
	return fmt.Sprintf("%s; writing takes %s, reading %s", strings.Join(parts, " and "), c.Cost, c.Restore)
}

func policyInWords(p config.WorkerScale) string {
	parts := []string{fmt.Sprintf("minimum %d, maximum %d", p.Minimum, p.Maximum)}
	if p.OnDemandBase > 0 {
		parts = append(parts, fmt.Sprintf("%d always on-demand", p.OnDemandBase))
	}
	if p.TargetWait > 0 {
		parts = append(parts, "wait "+p.TargetWait.String())
	} else {
		parts = append(parts, "backlog "+number(p.TargetBacklog))
	}
	parts = append(parts, "fallback after "+p.FallbackAfter.String(), "idle for "+p.IdleFor.String())
	if len(p.Schedule) > 0 {
		parts = append(parts, plural(len(p.Schedule), "window")+" of a schedule")
	}
	return strings.Join(parts, ", ")
}
