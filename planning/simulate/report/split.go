package report

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tandem/planning/simulate/experiment"
)

// bar is one policy's, in parts from left to right.
type bar struct {
	name  string
	parts []float64
}

// bars are what a chart of them shows.
type bars struct {
	keys []key
	rows []bar
	unit unit
	// whole is set where the parts of each bar make 100 %.
	whole bool
}

// costChart is what each policy's cost goes to: spot and on-demand.
func costChart(r *experiment.Result) (chart, bool) {
	measure, per := costMetric(r)
	b := bars{unit: money, keys: []key{{text: "spot", tone: sky, area: true}, {text: "on-demand", tone: orange, area: true}}}
	description := "Cost" + per + " by kind of capacity."
	for _, policy := range r.Policies {
		interval, ok := find(policy, measure)
		onSpot, all := 0.0, 0.0
		for _, run := range policy.Runs {
			onSpot += run.SpotCost
			all += run.SpotCost + run.OnDemandCost
		}
		if !ok || !known(onSpot) || !known(all) || all <= 0 || onSpot < 0 || onSpot > all {
			continue
		}
		total := max(interval.Mean, 0)
		b.rows = append(b.rows, bar{policy.ID, []float64{total * onSpot / all, total * (1 - onSpot/all)}})
		description += fmt.Sprintf(" %s: %s, of which spot %s.", clip(policy.ID, 60), money.rough(total), share.rough(onSpot/all))
	}
	return b.chart(chart{name: "cost-split", title: "What the cost goes to", description: description,
		caption: "The mean over all runs."}, "Cost"+per+", USD")
}

// timeChart is where the billed time of the GPUs went.
func timeChart(r *experiment.Result) (chart, bool) {
	b := bars{unit: share, whole: true, keys: []key{{text: "useful work", tone: green, area: true},
		{text: "lost work and checkpoints", tone: vermillion, area: true}, {text: "idle and cold starts", tone: grey, area: true}}}
	description := "Where the billed time of the GPUs went."
	for _, policy := range r.Policies {
		useful, wasted, ok := timeOf(policy)
		if !ok {
			continue
		}
		b.rows = append(b.rows, bar{policy.ID, []float64{useful, wasted, max(0, 1-useful-wasted)}})
		description += fmt.Sprintf(" %s: useful %s, lost %s, idle %s.", clip(policy.ID, 60), share.rough(useful), share.rough(wasted), share.rough(max(0, 1-useful-wasted)))
	}
	return b.chart(chart{name: "time-split", title: "Where billed GPU time goes", description: description,
		caption: "All slots of all instances, from the moment that they are billed, over all runs."}, "Share of the billed time")
}

// timeOf a policy's billed slots that was useful, and that was wasted. A
// summary does not tell how many slots an instance has; useful and wasted
// seconds are of slots, and utilisation makes a share of the former.
func timeOf(policy experiment.PolicyResult) (useful, wasted float64, ok bool) {
	billed := 0.0
	for _, run := range policy.Runs {
		seconds := run.BilledSeconds()
		if !known(seconds) || seconds <= 0 || !known(run.Utilisation) || !known(run.WastedSeconds) || !known(run.OccupiedSeconds) {
			continue
		}
		billed += seconds
		used := min(max(run.Utilisation, 0), 1)
		useful += used * seconds
		if worked := run.OccupiedSeconds - run.WastedSeconds; worked > 0 {
			wasted += used * seconds * max(run.WastedSeconds, 0) / worked
		} else {
			wasted += min(max(run.WastedSeconds, 0), seconds)
		}
	}
	if billed == 0 {
		return 0, 0, false
	}
	useful /= billed
	return useful, min(wasted/billed, 1-useful), true
}

const (
	barPitch = vg.Length(36)
	barWidth = vg.Length(22)
)

// chart draws bars, one a row.
func (b bars) chart(c chart, title string) (chart, bool) {
	if len(b.rows) == 0 {
		return chart{}, false
	}
	head := heading{title: title, keys: b.keys}
	c.height = head.height() + barPitch*vg.Length(len(b.rows)) + 34
	c.draw = func(c draw.Canvas) {
		p := blank()
		top := 1.0
		if !b.whole {
			top = 0
			for _, row := range b.rows {
				top = max(top, sum(row.parts))
			}
		}
		p.X.Max, p.X.Tick.Marker = upTo(top, 5, b.unit)
		p.Y.Min, p.Y.Max = -0.5, float64(len(b.rows))-0.5
		p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
		var names plot.ConstantTicks
		for i, row := range b.rows {
			names = append(names, plot.Tick{Value: float64(len(b.rows) - 1 - i), Label: clip(row.name, 24)})
		}
		p.Y.Tick.Label.Color = ink
		p.Y.Tick.Marker = names
		grid := plotter.NewGrid()
		grid.Vertical, grid.Horizontal.Width = stroke(line, 0.5, nil), 0
		p.Add(grid)
		p.Add(drawn(b.plot))
		right := vg.Length(-24)
		if !b.whole {
			right = -64
		}
		p.Draw(draw.Crop(head.draw(c), 0, right, 2, 0))
	}
	return c, true
}

func (b bars) plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	label := words(10.5, onColour)
	for i, row := range b.rows {
		middle, from, total := y(float64(len(b.rows)-1-i)), 0.0, sum(row.parts)
		for k, part := range row.parts {
			left, right := x(from), x(from+part)
			c.FillPolygon(b.keys[k].tone, box(left, middle-barWidth/2, right, middle+barWidth/2))
			// A part that is all of the bar would only repeat its total.
			alone := !b.whole && part > 0.999*total
			if text := b.unit.rough(part); right-left > label.Width(text)+8 && !alone {
				c.FillText(label, vg.Point{X: (left + right - label.Width(text)) / 2, Y: middle - 3.5}, text)
			}
			from += part
		}
		if !b.whole {
			c.FillText(bold(10.5), vg.Point{X: x(from) + 6, Y: middle - 3.5}, b.unit.rough(from))
		}
	}
}

func sum(parts []float64) float64 {
	total := 0.0
	for _, part := range parts {
		total += part
	}
	return total
}
