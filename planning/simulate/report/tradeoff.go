package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tandem/planning/simulate/experiment"
)

// place is where a policy is in the plane of wait and cost.
type place struct {
	policy     int
	name       string
	fails      bool
	wait, cost experiment.Interval
}

// tradeoffChart is cost against the 95th percentile of the wait, a point a policy.
func tradeoffChart(r *experiment.Result) (chart, bool) {
	measure, per := costMetric(r)
	var places []place
	slowest, fastest, dearest := 0.0, most, 0.0
	description := "Cost" + per + " against the wait that 95\u00a0% of jobs stay below."
	for i, policy := range r.Policies {
		wait, some := find(policy, waitP95)
		cost, also := find(policy, measure)
		if !some || !also || wait.Mean < 0 || cost.Mean < 0 {
			continue
		}
		name := clip(policy.ID, 32)
		if !does(r, policy) {
			name += ", " + failure(policy)
		}
		places = append(places, place{i, name, !does(r, policy), wait, cost})
		slowest, fastest, dearest = max(slowest, wait.High), min(fastest, max(wait.Low, 0)), max(dearest, cost.High)
		description += fmt.Sprintf(" %s: %s and %s.", clip(policy.ID, 60), money.rough(cost.Mean), seconds.rough(wait.Mean))
	}
	if len(places) == 0 {
		return chart{}, false
	}
	caption := "Lower and further left is better."
	if len(r.Seeds) > 1 {
		caption += " The bars are 95\u00a0% confidence intervals of the means."
	}
	if slices.ContainsFunc(places, func(p place) bool { return p.fails }) {
		caption += " A hollow point is a policy that does not do the work."
	}
	logarithmic := fastest > 0 && slowest/fastest > 30
	if logarithmic {
		caption += " The axis of time is logarithmic."
	}
	head := heading{title: "Cost" + per + ", USD"}
	return chart{
		name: "cost-and-wait", title: "What a shorter wait costs", description: description, caption: caption,
		height: 310 + head.height(),
		draw: func(c draw.Canvas) {
			p := blank()
			p.Y.Max, p.Y.Tick.Marker = upTo(dearest, 5, money)
			if logarithmic {
				from, to, ticks := logTime(fastest, slowest)
				p.X.Min, p.X.Max, p.X.Tick.Marker, p.X.Scale = from, to, ticks, plot.LogScale{}
			} else {
				p.X.Max, p.X.Tick.Marker = upToTime(slowest)
			}
			p.X.Label.Text = "Wait that 95\u00a0% of jobs stay below"
			ruled(p)
			p.Add(drawn(func(c draw.Canvas, p *plot.Plot) { plotPlaces(c, p, places) }))
			p.Draw(draw.Crop(head.draw(c), 0, -30, 2, 0))
		},
	}, true
}

// plotPlaces draws the intervals, the points over them, and names beside those.
func plotPlaces(c draw.Canvas, p *plot.Plot, places []place) {
	x, y := p.Transforms(&c)
	inX := func(v float64) vg.Length { return x(min(max(v, p.X.Min), p.X.Max)) }
	inY := func(v float64) vg.Length { return y(min(max(v, p.Y.Min), p.Y.Max)) }
	// An interval that its point hides is left out.
	const seen = 12
	var taken []vg.Rectangle
	for _, at := range places {
		tone := lookOf(at.policy).tone
		whisker := stroke(tone, 1.4, nil)
		px, py := inX(at.wait.Mean), inY(at.cost.Mean)
		if left, right := inX(at.wait.Low), inX(at.wait.High); right-left > seen {
			c.StrokeLine2(whisker, left, py, right, py)
			c.StrokeLine2(whisker, left, py-4, left, py+4)
			c.StrokeLine2(whisker, right, py-4, right, py+4)
		}
		if bottom, top := inY(at.cost.Low), inY(at.cost.High); top-bottom > seen {
			c.StrokeLine2(whisker, px, bottom, px, top)
			c.StrokeLine2(whisker, px-4, bottom, px+4, bottom)
			c.StrokeLine2(whisker, px-4, top, px+4, top)
		}
		taken = append(taken, around(px, py, 7, 7))
	}
	for _, at := range places {
		px, py := inX(at.wait.Mean), inY(at.cost.Mean)
		point := vg.Point{X: px, Y: py}
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: lookOf(at.policy).tone, Radius: 5, Shape: glyph(at.policy)}, point)
		if at.fails {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: surface, Radius: 2.5, Shape: draw.CircleGlyph{}}, point)
		}
	}
	style := words(11, ink)
	for _, at := range places {
		text := at.name
		where := free(c.Rectangle, inX(at.wait.Mean), inY(at.cost.Mean), style.Width(text), taken)
		taken = append(taken, where)
		c.FillText(style, vg.Point{X: where.Min.X, Y: where.Min.Y + 3}, text)
	}
}

func glyph(policy int) draw.GlyphDrawer {
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	return shapes[policy%len(shapes)]
}

func around(x, y, dx, dy vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x - dx, Y: y - dy}, Max: vg.Point{X: x + dx, Y: y + dy}}
}

// free finds a place for a name beside a point where nothing is yet.
func free(within vg.Rectangle, x, y, width vg.Length, taken []vg.Rectangle) vg.Rectangle {
	const height, gap = 14, 9
	var first vg.Rectangle
	for distance := vg.Length(0); distance < 6; distance++ {
		shift := distance * height
		corners := []vg.Point{{X: x + gap, Y: y + 3 + shift}, {X: x - gap - width, Y: y + 3 + shift}, {X: x + gap, Y: y - height - 3 - shift}, {X: x - gap - width, Y: y - height - 3 - shift}}
		for _, corner := range corners {
			candidate := vg.Rectangle{Min: corner, Max: vg.Point{X: corner.X + width, Y: corner.Y + height}}
			if first == (vg.Rectangle{}) {
				first = candidate
			}
			if candidate.Min.X < within.Min.X || candidate.Max.X > within.Max.X+20 || candidate.Min.Y < within.Min.Y || candidate.Max.Y > within.Max.Y+height {
				continue
			}
			if !touches(candidate, taken) {
				return candidate
			}
		}
	}
	return first
}

func touches(r vg.Rectangle, others []vg.Rectangle) bool {
	for _, o := range others {
		if r.Min.X < o.Max.X && o.Min.X < r.Max.X && r.Min.Y < o.Max.Y && o.Min.Y < r.Max.Y {
			return true
		}
	}
	return false
}
