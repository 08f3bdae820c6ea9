package experiment

import (
	"cmp"
	"fmt"
	"time"

	"tandem/config"
)

// facts are what the runs assume, in the order in which a reader asks: which
// work, on which machines, in which market, sized how, and what was left out.
func (e *Experiment) facts() []Fact {
	s := &e.Scenario
	var all []Fact
	add := func(name, source, format string, arguments ...any) {
		all = append(all, Fact{Name: name, Value: fmt.Sprintf(format, arguments...), Source: source})
	}
	arrivals, from := e.arrivalsInWords()
	add("arrivals", from, "%s", arrivals)
	durations, from := e.durationsInWords()
	add("durations", from, "%s", durations)
	if s.Priorities.High+s.Priorities.Low > 0 {
		add("priorities", fromScenario, "%s high, %s low, the others normal", percent(s.Priorities.High), percent(s.Priorities.Low))
	}
	if d := s.Deadlines; d != nil {
		add("deadlines", fromScenario, "%s of the jobs, %s to %s times their duration%s after they arrive", percent(*d.Share), number(d.Times[0]), number(d.Times[1]), plus(d.Plus))
	}
	who, policy := fromScenario, e.document.source("policy")
	if s.Worker != "" {
		who = fmt.Sprintf("worker %s of environment %s, and the scenario over it", s.Worker, s.Environment)
		policy = who
	}
	kind := cmp.Or(s.Instance.Type, "not named")
	if s.Instance.part > 0 {
		kind = fmt.Sprintf("%s of a %s", percent(s.Instance.part), kind)
	}
	add("instance", who, "%s in %s, %s at once", kind, s.Instance.Region, plural(s.Instance.Slots, "job"))
	add("most instances", policy, "%d%s", s.Policy.Maximum, e.kindsInWords())
	cold := e.fleet(0, nil).ColdStart
	add("cold start", e.document.source("instance.coldStart"), "%s: launch %s, boot %s, image %s, weights %s", short(cold.Total()), short(cold.Launch), short(cold.Boot), short(cold.Image), short(cold.Weights))
	add("on-demand price", e.prices.onDemandFrom, "%s USD an hour", number(e.prices.onDemand))
	add("spot price", e.prices.spotFrom, "%s USD an hour", number(e.prices.spot))
	market, from := e.marketInWords()
	add("spot market", from, "%s", market)
	add("interruptions", e.prices.hazardFrom, "%s a day of one spot instance, beside the begin of an outage, with %s notice", number(e.prices.hazard*24), short(s.Spot.Notice.Std()))
	add("checkpoints", e.document.source("checkpoint"), "%s", s.Checkpoint.inWords())
	add("policy of tandem", policy, "%s", policyInWords(s.Policy))
	add("left out", "docs/simulation.md", "several workers on one group, zones, failing jobs and sick GPUs, prices that move")
	return all
}

func plus(d config.Duration) string {
	if d == 0 {
		return ""
	}
	return " and " + d.String()
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", share*100) }

// number to three digits.
func number(value float64) string { return fmt.Sprintf("%.4g", value) }

func plural(n int, noun string) string { return plural2(float64(n), noun) }

func plural2(n float64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// short is a duration to the second, without units that are zero.
func short(d time.Duration) string {
	return config.Duration(d.Round(time.Second)).String()
}
