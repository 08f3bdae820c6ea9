package cost

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Change is one resource that costs otherwise.
type Change struct {
	Resource string  `json:"resource"`
	Type     string  `json:"type"`
	Tier     string  `json:"tier"`
	Before   float64 `json:"beforeUSD"`
	After    float64 `json:"afterUSD"`
	// What happened: added, removed or changed.
	What string `json:"what"`
}

// USD a month more.
func (c Change) USD() float64 { return c.After - c.Before }

// Difference between two reports.
type Difference struct {
	Before      string  `json:"before"`
	After       string  `json:"after"`
	BeforeTotal float64 `json:"beforeUSD"`
	AfterTotal  float64 `json:"afterUSD"`
	// Changes, largest first; less than a tenth of a cent is none.
	Changes []Change `json:"changes"`
	// Unknown resources of either side: they are part of no sum.
	Unknown []string `json:"unknown"`
}

// Diff compares two environments, or one before and after a change. Resources
// are the same where stack and logical id are.
func Diff(before, after *Report) *Difference {
	d := &Difference{Before: before.Name, After: after.Name, BeforeTotal: before.USD(), AfterTotal: after.USD(), Changes: []Change{}}
	d.Unknown = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(before.Unknown), after.Unknown...))))
	old := map[string]Line{}
	for _, line := range before.Lines {
		old[line.Resource] = line
	}
	for _, line := range after.Lines {
		was, found := old[line.Resource]
		delete(old, line.Resource)
		what := "changed"
		if !found {
			what = "added"
		}
		d.add(Change{line.Resource, line.Type, line.Tier, was.USD(), line.USD(), what})
	}
	for _, line := range old {
		d.add(Change{line.Resource, line.Type, line.Tier, line.USD(), 0, "removed"})
	}
	slices.SortFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(math.Abs(b.USD()), math.Abs(a.USD())), strings.Compare(a.Resource, b.Resource))
	})
	return d
}

func (d *Difference) add(change Change) {
	if math.Abs(change.USD()) >= 0.001 {
		d.Changes = append(d.Changes, change)
	}
}

// Summary is the difference in one line.
func (d *Difference) Summary() string {
	more := d.AfterTotal - d.BeforeTotal
	direction := "more"
	if more < 0 {
		direction = "less"
	}
	if d.Before == d.After {
		return fmt.Sprintf("%s costs %.2f USD a month %s than before: %.2f against %.2f", d.After, math.Abs(more), direction, d.AfterTotal, d.BeforeTotal)
	}
	return fmt.Sprintf("%s costs %.2f USD a month %s than %s: %.2f against %.2f", d.After, math.Abs(more), direction, d.Before, d.AfterTotal, d.BeforeTotal)
}
