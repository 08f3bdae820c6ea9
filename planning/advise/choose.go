package advise

import (
	"fmt"
	"math"
	"slices"
)

// choose returns the index of the best alternative: the cheapest that is
// possible, or a simpler one that costs little more. It is -1 where none is
// possible. With deployed only those count that Tandem deploys.
func choose(all []Alternative, deployed bool) int {
	cheapest := -1
	for i, a := range all {
		if a.Possible() && (a.Tier != "" || !deployed) && (cheapest < 0 || a.Monthly < all[cheapest].Monthly) {
			cheapest = i
		}
	}
	if cheapest < 0 {
		return -1
	}
	allowed := all[cheapest].Monthly + max(simplerUSD, all[cheapest].Monthly*simplerShare)
	best := cheapest
	for i, a := range all {
		if a.Possible() && (a.Tier != "" || !deployed) && a.Monthly <= allowed && simplicity(a) < simplicity(all[best]) {
			best = i
		}
	}
	return best
}

// simplicity ranks what one has to run: nothing, tasks, instances, and those
// that may be taken away. What Tandem does not deploy can be the cheapest, but
// is never simpler.
func simplicity(a Alternative) int {
	rank := slices.Index([]string{"lambda-api", "lambda-cpu", "fargate", "gpu-on-demand", "always-on", "gpu-spot"}, a.ID)
	if rank < 0 {
		return math.MaxInt
	}
	return rank
}

// BreakEven is a volume at which two alternatives cost the same.
type BreakEven struct {
	// Other than the one that is advised.
	Other string `json:"other"`
	// PerDay tasks; 0 where one is cheaper at any volume.
	PerDay float64 `json:"perDay,omitempty"`
	// Words such as "cheaper above 2,400 a day".
	Words string `json:"words"`
}

// Volumes that break-evens are looked for between, as multiples of the workload's.
const leastVolume, mostVolume = 1e-3, 1e3

// breakEvens of the chosen alternative with each other that is possible.
func (p *planner) breakEvens(all []Alternative, chosen int) []BreakEven {
	const steps = 48
	costs := make([][]Alternative, steps+1)
	volumes := make([]float64, steps+1)
	for i := range costs {
		volumes[i] = p.w.Volume.PerDay * leastVolume * math.Pow(mostVolume/leastVolume, float64(i)/steps)
		costs[i] = p.at(volumes[i]).alternatives()
	}
	var found []BreakEven
	for other, a := range all {
		if other == chosen || !a.priced() {
			continue
		}
		less := func(i int) bool { return costs[i][other].Monthly < costs[i][chosen].Monthly }
		crossing := -1
		for i := range steps {
			if less(i) != less(i+1) && (crossing < 0 || math.Abs(math.Log(volumes[i]/p.w.Volume.PerDay)) < math.Abs(math.Log(volumes[crossing]/p.w.Volume.PerDay))) {
				crossing = i
			}
		}
		b := BreakEven{Other: a.Title}
		switch {
		case crossing < 0 && less(0):
			b.Words = "cheaper at any volume"
		case crossing < 0:
			b.Words = "dearer at any volume"
		default:
			b.PerDay = p.bisect(volumes[crossing], volumes[crossing+1], other, chosen)
			side := "above"
			if less(crossing) {
				side = "below"
			}
			b.Words = fmt.Sprintf("cheaper %s %s a day", side, count(b.PerDay))
		}
		if !a.Possible() {
			b.Words += ", but it cannot be"
		}
		found = append(found, b)
	}
	return found
}

// priced is whether there is a cost to compare, even of what is blocked.
func (a Alternative) priced() bool { return a.Monthly > 0 && !math.IsInf(a.Monthly, 0) }

func (p *planner) bisect(low, high float64, one, other int) float64 {
	less := func(perDay float64) bool {
		all := p.at(perDay).alternatives()
		return all[one].Monthly < all[other].Monthly
	}
	start := less(low)
	for range 20 {
		middle := math.Sqrt(low * high)
		if less(middle) == start {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Sqrt(low * high)
}

// Sensitivity is what the answer becomes when one thing is otherwise.
type Sensitivity struct {
	If string `json:"if"`
	// Choice is the alternative that is then best, and its cost.
	Choice  string  `json:"choice"`
	Monthly float64 `json:"monthlyUSD"`
	Changed bool    `json:"changed"`
}

// sensitivities of the answer, by changing one thing at a time.
func (p *planner) sensitivities(o Options, chosen string) ([]Sensitivity, error) {
	type variation struct {
		name   string
		change func(*Workload)
	}
	volume := func(factor float64) func(*Workload) { return func(w *Workload) { w.Volume.PerDay *= factor } }
	variations := []variation{
		{"a tenth of the volume", volume(0.1)}, {"a third of the volume", volume(1.0 / 3)},
		{"3x the volume", volume(3)}, {"10x the volume", volume(10)},
	}
	if !p.w.Duration.empty() {
		variations = append(variations,
			variation{"tasks half as long", func(w *Workload) { w.Duration = w.Duration.times(0.5) }},
			variation{"tasks twice as long", func(w *Workload) { w.Duration = w.Duration.times(2) }})
	}
	if p.w.ExternalAPI != nil {
		variations = append(variations, variation{"twice the tokens", func(w *Workload) {
			api := *w.ExternalAPI
			api.InputTokens, api.OutputTokens = 2*api.InputTokens, 2*api.OutputTokens
			w.ExternalAPI = &api
		}})
	}
	if p.w.Compute.GPUs > 0 {
		variations = append(variations, variation{"no spot to be had", func(w *Workload) {
			none := 0.0
			w.Spot.Availability = &none
		}})
	}
	if p.w.AnswerWithin == 0 {
		variations = append(variations, variation{"someone waiting a minute at most", func(w *Workload) { w.AnswerWithin = 60e9 }})
	} else {
		variations = append(variations, variation{"nobody waiting", func(w *Workload) { w.AnswerWithin = 0 }})
	}
	var all []Sensitivity
	for _, v := range variations {
		w := p.w
		v.change(&w)
		varied, err := newPlanner(w, o)
		if err != nil {
			return nil, err
		}
		alternatives := varied.alternatives()
		s := Sensitivity{If: v.name, Choice: "nothing here", Changed: chosen != ""}
		if best := choose(alternatives, false); best >= 0 {
			s.Choice, s.Monthly = alternatives[best].Title, alternatives[best].Monthly
			s.Changed = alternatives[best].ID != chosen
		}
		all = append(all, s)
	}
	return slices.Clip(all), nil
}
