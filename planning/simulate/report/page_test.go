package report

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"tandem/planning/simulate"
	"tandem/planning/simulate/experiment"
)

// each calls back with each element of a page.
func each(t require.TestingT, page string, visit func(n *html.Node)) {
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for inner := range n.Descendants() {
		if inner.Type == html.TextNode {
			b.WriteString(inner.Data)
		}
	}
	return b.String()
}

// figures are the numbers in the page that are meant for machines.
func figures(t require.TestingT, page string) []string {
	var all []string
	each(t, page, func(n *html.Node) {
		if n.Data == "data" {
			all = append(all, attribute(n, "value"))
		}
	})
	return all
}

func TestEveryFigureInTheTableIsInTheJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult(t, false)
		raw, err := json.Marshal(r)
		require.NoError(t, err)
		numbers := map[float64]bool{}
		for _, text := range regexp.MustCompile(`-?[0-9][0-9.eE+-]*`).FindAllString(string(raw), -1) {
			if number, err := strconv.ParseFloat(text, 64); err == nil {
				numbers[number] = true
			}
		}
		for _, value := range figures(t, written(t, r)) {
			number, err := strconv.ParseFloat(value, 64)
			require.NoError(t, err)
			require.True(t, numbers[number], "%s is not in %s", value, raw)
		}
	})
}

func TestEveryMetricOfEveryPolicyIsInTheTable(t *testing.T) {
	r := small(t)
	shown := figures(t, written(t, r))
	for _, policy := range r.Policies {
		for _, metric := range policy.Metrics {
			require.Contains(t, shown, strconv.FormatFloat(metric.Mean, 'g', -1, 64), "%s of %s", metric.Metric, policy.ID)
		}
	}
}

func TestAMetricThatIsNotKnownHereIsShownByItsName(t *testing.T) {
	require.Contains(t, written(t, small(t)), `<th scope="row">Peak queue</th>`)
}

const attack = `<script>alert(1)</script>"' onload="alert(2)" style="fill:#0072B2;x:url(http://evil.example/)" {{.}} ]]> --> </style></title></svg>`

func attacked(t *testing.T) *experiment.Result {
	r := small(t)
	r.Name, r.Title, r.Scenario, r.PricesFrom = attack, attack, attack+"\n# --set a='; rm -rf /", attack
	r.Facts = []experiment.Fact{{Name: attack, Value: attack, Source: attack}}
	for i := range r.Policies {
		r.Policies[i].ID, r.Policies[i].About = attack, attack
		r.Policies[i].Metrics = append(r.Policies[i].Metrics, experiment.Interval{Metric: attack, Mean: 1, Low: 1, High: 1})
	}
	return r
}

func TestWhatOthersWroteStaysText(t *testing.T) {
	page := written(t, attacked(t))
	styles := 0
	each(t, page, func(n *html.Node) {
		require.NotEqual(t, "script", n.Data)
		if n.Data == "style" {
			styles++
		}
		for _, a := range n.Attr {
			require.False(t, strings.HasPrefix(a.Key, "on"), "<%s %s>", n.Data, a.Key)
			if a.Key == "style" {
				require.NotContains(t, a.Val, "url(")
			}
		}
		if n.Data == "h1" || n.Data == "title" && n.Parent.Data == "head" {
			require.Equal(t, attack, textOf(n))
		}
	})
	require.Equal(t, 1, styles)
	require.Contains(t, page, `--set &#39;a=&#39;\&#39;&#39;; rm -rf /&#39;`)
	require.Contains(t, page, "-f scenario.yaml")
}

func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	page := written(t, small(t))
	each(t, page, func(n *html.Node) {
		switch n.Data {
		case "script", "link", "img", "image", "iframe", "use", "object", "base", "a", "form":
			require.Fail(t, "the page has a <"+n.Data+">")
		}
		for _, a := range n.Attr {
			require.NotContains(t, []string{"src", "href", "xlink:href", "srcset"}, a.Key)
		}
	})
	require.NotContains(t, page, "url(")
	require.NotContains(t, page, "@import")
	require.Contains(t, page, `content="default-src 'none'; style-src 'unsafe-inline'"`)
}

func TestWhoeverDoesNotSeeThePageCanReadIt(t *testing.T) {
	ids := map[string]string{}
	page := written(t, small(t))
	each(t, page, func(n *html.Node) {
		if id := attribute(n, "id"); id != "" {
			require.Empty(t, ids[id], "two elements are %s", id)
			ids[id] = textOf(n)
		}
	})
	level, charts := 0, 0
	each(t, page, func(n *html.Node) {
		switch n.Data {
		case "svg":
			charts++
			require.Equal(t, "img", attribute(n, "role"))
			for id := range strings.FieldsSeq(attribute(n, "aria-labelledby")) {
				require.NotEmpty(t, ids[id], id)
			}
			require.Equal(t, "title", n.FirstChild.Data)
		case "table":
			require.Equal(t, "caption", firstElement(n).Data)
		case "th":
			require.NotEmpty(t, attribute(n, "scope"))
		case "h1", "h2", "h3":
			next := int(n.Data[1] - '0')
			require.LessOrEqual(t, next, level+1, "a heading level is left out before %q", textOf(n))
			level = next
		case "html":
			require.Equal(t, "en", attribute(n, "lang"))
		}
	})
	require.Equal(t, 6, charts)
}

func firstElement(n *html.Node) *html.Node {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

func TestAChartTakesItsColoursFromThePage(t *testing.T) {
	var declared []string
	for _, c := range charts(small(t)) {
		svg, err := c.svg()
		require.NoError(t, err)
		declared = append(declared, regexp.MustCompile(`#[0-9A-Fa-f]{6}`).FindAllString(string(svg), -1)...)
		for _, name := range regexp.MustCompile(`var\(--([a-z0-9]+)\)`).FindAllStringSubmatch(string(svg), -1) {
			require.Contains(t, variables(false), "--"+name[1]+":")
			require.Contains(t, variables(true), "--"+name[1]+":")
		}
	}
	require.Empty(t, declared, "colours that do not follow the theme")
}

func TestNoTwoTonesAreTheSameColour(t *testing.T) {
	seen := map[string]string{}
	for _, tone := range tones() {
		require.Empty(t, seen[hex(tone.light)], tone.name)
		seen[hex(tone.light)] = tone.name
	}
}

// anyResult is drawn; wild ones have values that are not finite, and lists of
// different lengths.
func anyResult(t *rapid.T, wild bool) *experiment.Result {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("abc<>&\"'模ж \n\x00")), 0, 12, -1)
	number := rapid.OneOf(rapid.Float64Range(0, 1e6), rapid.SampledFrom([]float64{0, 1, 1e-9, 1e9}))
	if wild {
		number = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, 1e-320, math.MaxFloat64, -math.MaxFloat64}))
	}
	names := []string{"unheardOf"}
	for _, g := range groups() {
		for _, m := range g.measures {
			names = append(names, m.metric)
		}
	}
	interval := rapid.Custom(func(t *rapid.T) experiment.Interval {
		i := experiment.Interval{Metric: rapid.SampledFrom(names).Draw(t, "metric"), Mean: number.Draw(t, "mean")}
		i.Low, i.High = number.Draw(t, "low"), number.Draw(t, "high")
		if !wild {
			i.Low, i.High = min(i.Low, i.Mean), max(i.High, i.Mean)
		}
		return i
	})
	summary := rapid.Custom(func(t *rapid.T) simulate.Summary {
		return simulate.Summary{Arrived: rapid.IntRange(0, 100).Draw(t, "arrived"), Missed: rapid.IntRange(0, 20).Draw(t, "missed"),
			Cost: number.Draw(t, "cost"), SpotCost: number.Draw(t, "spot"), OnDemandCost: number.Draw(t, "on-demand"), SpotSeconds: number.Draw(t, "seconds"),
			OccupiedSeconds: number.Draw(t, "occupied"), WastedSeconds: number.Draw(t, "wasted"), Utilisation: number.Draw(t, "utilisation"), Seconds: number.Draw(t, "length")}
	})
	point := rapid.Custom(func(t *rapid.T) experiment.Point {
		return experiment.Point{Seconds: number.Draw(t, "seconds"), Share: number.Draw(t, "share")}
	})
	sample := rapid.Custom(func(t *rapid.T) experiment.Sample {
		return experiment.Sample{At: number.Draw(t, "at"), Waiting: number.Draw(t, "waiting"), Running: number.Draw(t, "running"), Spot: number.Draw(t, "spot"),
			OnDemand: number.Draw(t, "on-demand"), SpotAvailable: number.Draw(t, "available"), Cost: number.Draw(t, "cost")}
	})
	policy := rapid.Custom(func(t *rapid.T) experiment.PolicyResult {
		return experiment.PolicyResult{ID: text.Draw(t, "id"), About: text.Draw(t, "about"), Metrics: rapid.SliceOfN(interval, 0, 8).Draw(t, "metrics"),
			Differences: rapid.SliceOfN(interval, 0, 4).Draw(t, "differences"), Runs: rapid.SliceOfN(summary, 0, 3).Draw(t, "runs"),
			Waits: rapid.SliceOfN(point, 0, 5).Draw(t, "waits"), Timeline: rapid.SliceOfN(sample, 0, 5).Draw(t, "timeline")}
	})
	return &experiment.Result{Name: text.Draw(t, "name"), Title: text.Draw(t, "title"), Scenario: text.Draw(t, "scenario"),
		Seeds: rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "seeds"), Policies: rapid.SliceOfN(policy, 0, 4).Draw(t, "policies")}
}
