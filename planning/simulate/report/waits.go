package report

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tandem/planning/simulate/experiment"
)

// waitsChart is which share of the jobs has waited how long, a step line a policy.
func waitsChart(r *experiment.Result) (chart, bool) {
	var all [][]experiment.Point
	lowest, highest, some := hour, 10.0, false
	for _, policy := range r.Policies {
		points := waits(policy)
		all = append(all, points)
		for _, point := range points {
			some = true
			highest = max(highest, point.Seconds)
			if point.Seconds > 0 {
				lowest = min(lowest, point.Seconds)
			}
		}
	}
	if !some {
		return chart{}, false
	}
	// A wait of milliseconds is none, and must not take half of the axis.
	least := 0.1
	if highest >= 10*minute {
		least = 1
	}
	from, to, ticks := logTime(max(lowest, least), highest)
	var keys []key
	description := "Share of the jobs that waited at most so long."
	for i, policy := range r.Policies {
		if len(all[i]) == 0 {
			continue
		}
		look := lookOf(i)
		keys = append(keys, key{text: clip(policy.ID, 28), tone: look.tone, dashes: look.dashes})
		description += fmt.Sprintf(" %s: half within %s, 95\u00a0%% within %s.", clip(policy.ID, 60), within(all[i], 0.5), within(all[i], 0.95))
	}
	head := heading{title: "Share of jobs that waited at most so long", keys: keys}
	return chart{
		name: "waits", title: "How long jobs wait", description: description,
		caption: "Higher and further left is better: more jobs have waited less. The axis of time is logarithmic; waits below its left end are drawn there." +
			" A job's wait is its whole stay but its own work: queue, cold starts, work that was lost, checkpoints.",
		height: 330 + head.height(),
		draw: func(c draw.Canvas) {
			p := blank()
			p.X.Min, p.X.Max, p.X.Scale, p.X.Tick.Marker = from, to, plot.LogScale{}, ticks
			p.X.Label.Text = "Wait"
			p.Y.Tick.Marker = plot.ConstantTicks{{Value: 0, Label: "0 %"}, {Value: 0.25, Label: "25 %"}, {Value: 0.5, Label: "50 %"},
				{Value: 0.75, Label: "75 %"}, {Value: 0.95, Label: "95 %"}, {Value: 1, Label: "100 %"}}
			ruled(p)
			for i, points := range all {
				p.Add(distribution(points, from, to, lookOf(i)))
			}
			p.Draw(draw.Crop(head.draw(c), 0, -6, 2, 0))
		},
	}, true
}

// waits of a policy that can be drawn, in order and rising.
func waits(policy experiment.PolicyResult) []experiment.Point {
	var points []experiment.Point
	for _, point := range policy.Waits {
		if known(point.Seconds) && known(point.Share) {
			points = append(points, experiment.Point{Seconds: max(point.Seconds, 0), Share: min(max(point.Share, 0), 1)})
		}
	}
	slices.SortStableFunc(points, func(a, b experiment.Point) int { return cmp.Compare(a.Seconds, b.Seconds) })
	for i := 1; i < len(points); i++ {
		points[i].Share = max(points[i].Share, points[i-1].Share)
	}
	return points
}

// within how long so many of the jobs had waited.
func within(points []experiment.Point, of float64) string {
	for _, point := range points {
		if point.Share >= of-1e-9 {
			return seconds.rough(point.Seconds)
		}
	}
	return "no known time"
}

func distribution(points []experiment.Point, from, to float64, look look) plot.Plotter {
	return drawn(func(c draw.Canvas, p *plot.Plot) {
		var steps plotter.XYs
		last := 0.0
		for _, point := range points {
			x := min(max(point.Seconds, from), to)
			steps = append(steps, plotter.XY{X: x, Y: last}, plotter.XY{X: x, Y: point.Share})
			last = point.Share
		}
		trace(c, p, steps, stroke(look.tone, 2, look.dashes))
	})
}

// trace draws a line through points.
func trace(c draw.Canvas, p *plot.Plot, through plotter.XYs, style draw.LineStyle) {
	x, y := p.Transforms(&c)
	var at []vg.Point
	for _, point := range through {
		at = append(at, vg.Point{X: x(point.X), Y: y(point.Y)})
	}
	if len(at) > 1 {
		c.StrokeLines(style, at)
	}
}
