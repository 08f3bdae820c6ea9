package report

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"tandem/planning/simulate"
	"tandem/planning/simulate/experiment"
)

// garbage is what a number that is not finite, or a wrong format, looks like.
var garbage = regexp.MustCompile(`\bNaN\b|\bInf\b|\+Inf|-Inf|%!|<nil>|<no value>`)

// readable fails where a page shows garbage.
func readable(t require.TestingT, page string) {
	each(t, page, func(n *html.Node) {
		for _, a := range n.Attr {
			require.NotRegexp(t, garbage, a.Val, n.Data)
		}
	})
	require.NotRegexp(t, garbage, page)
}

func TestAnOddResultGivesASensiblePage(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := map[string]struct {
		change func(r *experiment.Result)
		says   string
		// charts that have something to show.
		charts int
	}{
		"nothing at all": {func(r *experiment.Result) { *r = experiment.Result{} }, "No policy was run", 0},
		"one policy": {func(r *experiment.Result) { r.Policies = r.Policies[:1] },
			"tandem costs $412 a month ($0.11 a job); 95 % of its jobs wait at most 4.2 min; it misses 2.1 % of the deadlines.", 5},
		"one seed": {func(r *experiment.Result) {
			r.Seeds = r.Seeds[:1]
			for i := range r.Policies {
				r.Policies[i].Runs = r.Policies[i].Runs[:1]
				for k := range r.Policies[i].Metrics {
					m := &r.Policies[i].Metrics[k]
					m.Low, m.High = m.Mean, m.Mean
				}
			}
		}, "In a single run, which decides nothing, tandem was the cheapest of the 2 policies", 6},
		"no timeline": {func(r *experiment.Result) {
			for i := range r.Policies {
				r.Policies[i].Timeline = nil
			}
		}, "tandem is the cheapest of the 2 policies", 4},
		"no jobs": {func(r *experiment.Result) {
			for i := range r.Policies {
				r.Policies[i].Waits = nil
				for k := range r.Policies[i].Runs {
					r.Policies[i].Runs[k] = simulate.Summary{Seconds: 86400}
				}
				for k := range r.Policies[i].Metrics {
					r.Policies[i].Metrics[k] = experiment.Interval{Metric: r.Policies[i].Metrics[k].Metric}
				}
			}
		}, "No job arrived", 3},
		"nobody waits": {func(r *experiment.Result) {
			for i := range r.Policies {
				r.Policies[i].Waits = []experiment.Point{{Share: 1}}
			}
		}, "tandem is the cheapest", 6},
		"nothing is a number": {func(r *experiment.Result) {
			for i := range r.Policies {
				p := &r.Policies[i]
				for k := range p.Metrics {
					p.Metrics[k].Mean, p.Metrics[k].Low, p.Metrics[k].High = nan, inf, -inf
				}
				for k := range p.Waits {
					p.Waits[k] = experiment.Point{Seconds: inf, Share: nan}
				}
				for k := range p.Timeline {
					p.Timeline[k] = experiment.Sample{At: nan, Cost: inf}
				}
				for k := range p.Runs {
					p.Runs[k].Utilisation, p.Runs[k].SpotCost, p.Runs[k].Seconds = nan, inf, nan
				}
			}
		}, "What the policies cost is not known", 0},
		"an interval without ends": {func(r *experiment.Result) {
			for i := range r.Policies {
				for k := range r.Policies[i].Metrics {
					r.Policies[i].Metrics[k].Low, r.Policies[i].Metrics[k].High = nan, inf
				}
			}
		}, "tandem is the cheapest", 6},
		"it is not known when spot was there": {func(r *experiment.Result) {
			for k := range r.Policies[0].Timeline {
				r.Policies[0].Timeline[k].SpotAvailable = nan
			}
		}, "Spot could not be had 0 % of the time", 6},
		"names beyond all measure": {func(r *experiment.Result) {
			r.Title = strings.Repeat("long ", 200)
			for i := range r.Policies {
				r.Policies[i].ID = strings.Repeat("наименование模型\n\t\x00", 50)
			}
		}, "long long", 6},
		"more policies than there are colours": {func(r *experiment.Result) {
			for range 12 {
				r.Policies = append(r.Policies, r.Policies[1])
			}
		}, "tandem is the cheapest of the 14 policies", 18},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := small(t)
			c.change(r)
			page := written(t, r)
			readable(t, page)
			text := strings.ReplaceAll(html.UnescapeString(page), space, " ")
			require.Contains(t, text, c.says)
			require.Equal(t, c.charts, strings.Count(page, "<svg "))
		})
	}
}

func TestAnOddNameIsNoReasonForNoPicture(t *testing.T) {
	r := small(t)
	r.Policies = r.Policies[:1]
	r.Policies[0].ID = "模型\n\t\x00\xff\u202e"
	paths, err := WritePNG(t.TempDir(), r)
	require.NoError(t, err)
	require.Len(t, paths, 5)
}

func TestAnEndThatIsNotKnownIsTheMean(t *testing.T) {
	for _, c := range []struct{ low, high, wantLow, wantHigh float64 }{
		{4, 6, 4, 6}, {math.NaN(), 6, 5, 6}, {4, math.Inf(1), 4, 5}, {6, 4, 5, 5},
	} {
		policy := experiment.PolicyResult{Metrics: []experiment.Interval{{Metric: waitP95, Mean: 5, Low: c.low, High: c.high}}}
		found, ok := find(policy, waitP95)
		require.True(t, ok)
		require.Equal(t, experiment.Interval{Metric: waitP95, Mean: 5, Low: c.wantLow, High: c.wantHigh}, found)
	}
}

func TestNamesOfPointsThatAreCloseDoNotTouch(t *testing.T) {
	within := vg.Rectangle{Max: vg.Point{X: 700, Y: 300}}
	rapid.Check(t, func(t *rapid.T) {
		var taken []vg.Rectangle
		for range 5 {
			x, y := vg.Length(rapid.Float64Range(300, 320).Draw(t, "x")), vg.Length(rapid.Float64Range(140, 160).Draw(t, "y"))
			name := free(within, x, y, 80, taken)
			require.False(t, touches(name, taken))
			require.GreaterOrEqual(t, name.Min.X, within.Min.X)
			taken = append(taken, name)
		}
	})
}

func TestNoResultIsTooOddForAPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		readable(t, written(t, anyResult(t, true)))
	})
}
