package cost

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/prices"
)

// Line is one resource that is billed.
type Line struct {
	Resource string  `json:"resource"`
	Type     string  `json:"type"`
	Tier     string  `json:"tier"`
	Fixed    float64 `json:"fixedUSD"`
	PerUse   float64 `json:"perUseUSD"`
	Items    []Item  `json:"items"`
}

// USD a month.
func (l Line) USD() float64 { return l.Fixed + l.PerUse }

// Free is one type that costs nothing, and why.
type Free struct {
	Count  int    `json:"count"`
	Reason string `json:"reason"`
}

// Tier is the sum of one tier.
type Tier struct {
	Name   string  `json:"tier"`
	Fixed  float64 `json:"fixedUSD"`
	PerUse float64 `json:"perUseUSD"`
}

// Report is what an environment costs in a month of 730 hours, in US dollars.
type Report struct {
	Name   string  `json:"environment"`
	Region string  `json:"region"`
	Fixed  float64 `json:"fixedUSD"`
	PerUse float64 `json:"perUseUSD"`
	// FreeAmounts is what the account's free amounts take off at most.
	FreeAmounts float64 `json:"freeAmountsUSD"`
	Tiers       []Tier  `json:"tiers"`
	// Lines, dearest first.
	Lines []Line `json:"lines"`
	// Free types, by name.
	Free map[string]Free `json:"free"`
	// Unknown resources: their price is not known, and not part of any sum.
	Unknown []string `json:"unknown"`
	// Notes on what could not be seen.
	Notes []string `json:"notes,omitempty"`
	// OldestPrice is the day of the oldest price that was used, as 2026-07-20.
	OldestPrice string `json:"oldestPrice"`
	// Sources of the prices that were used.
	Sources []prices.Source `json:"-"`
}

// USD a month.
func (r *Report) USD() float64 { return r.Fixed + r.PerUse }

func (r *Report) addFree(resource *Resource, reason string) {
	at := r.Free[resource.Type]
	r.Free[resource.Type] = Free{at.Count + 1, reason}
}

func (r *Report) addLine(resource *Resource, tier string, items []Item) {
	line := Line{Resource: resource.Name(), Type: resource.Type, Tier: tier, Items: items}
	for _, item := range items {
		if item.PerUse {
			line.PerUse += item.USD()
		} else {
			line.Fixed += item.USD()
		}
	}
	r.Lines = append(r.Lines, line)
}

// finish sorts and sums.
func (r *Report) finish(e *estimator) {
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.USD(), a.USD()), strings.Compare(a.Resource, b.Resource))
	})
	sums := map[string]Tier{}
	for _, line := range r.Lines {
		sum := sums[line.Tier]
		sums[line.Tier] = Tier{line.Tier, sum.Fixed + line.Fixed, sum.PerUse + line.PerUse}
		r.Fixed += line.Fixed
		r.PerUse += line.PerUse
	}
	order := []string{"request", "jobs", "models", "events", "shared"}
	r.Tiers = slices.SortedFunc(maps.Values(sums), func(a, b Tier) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Name), slices.Index(order, b.Name)), strings.Compare(a.Name, b.Name))
	})
	for _, amount := range e.free {
		r.FreeAmounts += min(amount.limit, amount.spent)
	}
	slices.Sort(r.Unknown)
	r.Sources = slices.SortedFunc(maps.Keys(e.used), func(a, b prices.Source) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.From, b.From), a.AsOf.Compare(b.AsOf))
	})
	var oldest time.Time
	for _, source := range r.Sources {
		if oldest.IsZero() || source.AsOf.Before(oldest) {
			oldest = source.AsOf
			r.OldestPrice = oldest.Format(time.DateOnly)
		}
	}
}

// Summary is the report in one line.
func (r *Report) Summary() string {
	name := r.Name
	if name == "" {
		name = "this assembly"
	}
	text := fmt.Sprintf("%s: %.2f USD a month", name, r.USD())
	if r.PerUse > 0 {
		text += fmt.Sprintf(" (%.2f fixed, %.2f by use)", r.Fixed, r.PerUse)
	} else {
		text += " before anyone uses it"
	}
	if r.OldestPrice != "" {
		text += fmt.Sprintf(", prices of %s or later", r.OldestPrice)
	}
	if len(r.Unknown) > 0 {
		text += fmt.Sprintf("; %d resources without a known price", len(r.Unknown))
	}
	return text
}

// notes says what the estimate could not see.
func (e *estimator) notes() []string {
	var notes []string
	if !e.fleet.known && len(e.assembly.workers()) > 0 {
		notes = append(notes, "the workers' minimum and schedule are in fleet.json beside the capacity function, which is not here: they count as zero")
	}
	return notes
}
