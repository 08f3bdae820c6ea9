package advise

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/config"
	"tandem/prices"
)

// Advice is the answer for one workload.
type Advice struct {
	Workload string `json:"workload"`
	// Choice is the id of the alternative that is advised; empty where none is
	// possible. Answer says it in one line.
	Choice string `json:"choice,omitempty"`
	Answer string `json:"answer"`
	// Deployed is the id of what Tandem deploys for it, where that is another.
	Deployed string `json:"deployed,omitempty"`
	// Reasons in plain words, one a sentence.
	Reasons []string `json:"reasons"`
	// Limits of AWS that bear on it.
	Limits []Limit `json:"limits"`
	// Alternatives, simplest first.
	Alternatives []Alternative `json:"alternatives"`
	// BreakEvens with the choice, and what changes the answer.
	BreakEvens    []BreakEven   `json:"breakEvens,omitempty"`
	Sensitivities []Sensitivity `json:"sensitivities,omitempty"`
	// Checkpoint interval on spot, where the task can save its state.
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
	// Snippet of configuration that deploys it: keys to add to config/<env>.yaml.
	Snippet string `json:"snippet,omitempty"`
	// Sources of the prices that were used, and their Region.
	Sources []prices.Source `json:"-"`
	Region  string          `json:"region"`
}

// PerTask is the chosen alternative's cost of one task in USD.
func PerTask(a Alternative, w *Workload) float64 { return a.Monthly / (w.Volume.PerDay * month / day) }

// Advise answers for a workload that [Read] or [Ask] has completed.
func Advise(w *Workload, o Options) (*Advice, error) {
	if o.Prices == nil || o.Tokens == nil {
		return nil, errors.New("advising: no prices are given")
	}
	p, err := newPlanner(*w, o)
	if err != nil {
		return nil, fmt.Errorf("advising on %s: %w", w.Name, err)
	}
	all := p.alternatives()
	advice := &Advice{Workload: w.Name, Alternatives: all, Limits: p.limits(), Checkpoint: p.checkpoint(), Region: w.Region}
	chosen, deployed := choose(all, false), choose(all, true)
	if chosen >= 0 {
		advice.Choice = all[chosen].ID
		advice.BreakEvens = p.breakEvens(all, chosen)
	}
	if deployed >= 0 {
		advice.Snippet = p.snippet(all[deployed])
		if deployed != chosen {
			advice.Deployed = all[deployed].ID
		}
	}
	advice.Answer = answer(w, all, chosen)
	advice.Reasons = p.reasons(all, chosen, deployed)
	if advice.Sensitivities, err = p.sensitivities(o, advice.Choice); err != nil {
		return nil, fmt.Errorf("advising on %s: %w", w.Name, err)
	}
	if p.err != nil {
		return nil, fmt.Errorf("advising on %s: %w", w.Name, p.err)
	}
	delete(p.used, prices.Source{})
	advice.Sources = slices.SortedFunc(maps.Keys(p.used), func(a, b prices.Source) int {
		return strings.Compare(a.File+a.From, b.File+b.From)
	})
	return advice, nil
}

var tiers = map[string]string{
	"request": "tier 1, requests", "jobs": "tier 2, jobs", "models": "tier 3, models", "events": "events",
}

func answer(w *Workload, all []Alternative, chosen int) string {
	if chosen < 0 {
		return fmt.Sprintf("%s: nothing that AWS sells fits; see what blocks each alternative", w.Name)
	}
	a := all[chosen]
	tier := tiers[a.Tier]
	if tier == "" {
		tier = "not a tier of Tandem's"
	}
	return fmt.Sprintf("%s: %s (%s), about %s USD a month, %.2g USD a task", w.Name, a.Title, tier, usd(a.Monthly), PerTask(a, w))
}

// reasons answers the five questions, and then says why this alternative.
func (p *planner) reasons(all []Alternative, chosen, deployed int) []string {
	reasons := []string{p.howLong(), p.onWhat(), p.byAPI(), p.howMuch(), p.howFast()}
	if chosen < 0 {
		for _, a := range all {
			reasons = append(reasons, fmt.Sprintf("%s cannot be: %s.", a.Title, strings.Join(a.Blocked, "; ")))
		}
		return reasons
	}
	reasons = append(reasons, why(all, chosen))
	if deployed >= 0 && deployed != chosen {
		reasons = append(reasons, fmt.Sprintf("Tandem deploys no such thing; the nearest that it does is %s for %s USD a month, as below.", all[deployed].Title, usd(all[deployed].Monthly)))
	}
	if deployed < 0 {
		reasons = append(reasons, "Tandem deploys nothing that fits.")
	}
	return reasons
}

func why(all []Alternative, chosen int) string {
	next, cheapest := -1, chosen
	for i, a := range all {
		if i == chosen || !a.Possible() {
			continue
		}
		if a.Monthly < all[cheapest].Monthly {
			cheapest = i
		}
		if next < 0 || a.Monthly < all[next].Monthly {
			next = i
		}
	}
	choice := all[chosen]
	switch {
	case next < 0:
		return fmt.Sprintf("%s is the only one that fits.", choice.Title)
	case cheapest != chosen:
		return fmt.Sprintf("%s costs %s USD a month less, and is more to run: that is not worth it.", all[cheapest].Title, usd(choice.Monthly-all[cheapest].Monthly))
	default:
		return fmt.Sprintf("%s is the cheapest that fits; the next, %s, costs %.1f times as much.", choice.Title, all[next].Title, all[next].Monthly/choice.Monthly)
	}
}

func (p *planner) howLong() string {
	w := p.own
	if w.empty() {
		return fmt.Sprintf("A task takes the external API %s at the median and %s at p95.", span(p.api.at(0.5)), span(p.api.p95))
	}
	verdict := "it fits a function"
	switch limit := config.LambdaTimeout.Seconds(); {
	case w.at(0.5) > limit:
		verdict = "that is past Lambda's 15 minutes: it needs containers"
	case w.above(limit) > tolerated:
		verdict = fmt.Sprintf("%s of tasks run past Lambda's 15 minutes: it needs containers", percent(w.above(limit)))
	case w.p95 > 60:
		verdict = "it fits Lambda's 15 minutes, but is too long to wait on a connection"
	}
	if len(w.points()) == 1 {
		return fmt.Sprintf("A task takes %s: %s.", span(w.at(0.5)), verdict)
	}
	return fmt.Sprintf("A task takes %s at the median and %s at p95: %s.", span(w.at(0.5)), span(w.p95), verdict)
}

func (p *planner) onWhat() string {
	c := p.w.Compute
	if p.own.empty() {
		return "It needs no compute of one's own."
	}
	if c.GPUs == 0 {
		return fmt.Sprintf("It needs no GPU: %g vCPU and %s of memory.", c.VCPUs, c.Memory)
	}
	text := fmt.Sprintf("It needs %d GPU", c.GPUs)
	if c.GPUs > 1 {
		text += "s"
	}
	if c.GPUMemory > 0 {
		text += fmt.Sprintf(" of %s", c.GPUMemory)
	}
	if p.hardware != nil {
		text += fmt.Sprintf(", such as %s at %.3f USD an hour on demand (%.5f a second a task)", p.hardware.types[0], p.hardware.onDemand, p.hardware.onDemand/3600/p.hardware.perInstance)
	}
	return text + "; neither Lambda nor Fargate has any."
}

func (p *planner) byAPI() string {
	api := p.w.ExternalAPI
	if api == nil {
		return "No external API can do it."
	}
	each := (api.InputTokens*p.tokens.Input + api.OutputTokens*p.tokens.Output) / 1e6
	return fmt.Sprintf("%s of %s can do it for %.4g USD a task.", api.Model, api.Provider, each)
}

func (p *planner) howMuch() string {
	text := fmt.Sprintf("%s tasks come a day, up to %s an hour", thousands(p.w.Volume.PerDay), count(p.w.Volume.PerDay/24*p.w.Volume.Burst))
	if !p.own.empty() {
		busy := p.rate() * p.own.mean
		text += fmt.Sprintf(": on average %.3g run at once", busy)
		if p.hardware != nil {
			text += fmt.Sprintf(", %.3g instances' worth", busy/p.hardware.perInstance)
		}
	}
	return text + "."
}

func (p *planner) howFast() string {
	if p.w.AnswerWithin == 0 {
		return "Nobody waits for the answer."
	}
	return fmt.Sprintf("A caller waits, %s at most.", span(p.w.AnswerWithin.Seconds()))
}
