package report

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tandem/planning/simulate/experiment"
)

// timelineChart is what happened under one policy in the first run: its queue,
// its instances and its cost below each other, on one axis of time.
func timelineChart(r *experiment.Result, number int) (chart, bool) {
	policy := r.Policies[number]
	samples := timeline(policy)
	if len(samples) == 0 {
		return chart{}, false
	}
	name, last := clip(policy.ID, 40), samples[len(samples)-1]
	var spent []key
	for i, other := range r.Policies {
		if len(timeline(other)) > 0 {
			spent = append(spent, key{text: clip(other.ID, 24), tone: lookOf(i).tone, dashes: lookOf(i).dashes})
		}
	}
	fleet := heading{title: "Instances", keys: []key{{text: "spot", tone: sky, area: true}, {text: "on-demand", tone: orange, area: true}}}
	dry := dryShare(samples)
	if dry > 0 {
		fleet.keys = append(fleet.keys, key{text: "spot not to be had (paler: part of the time)", tone: bands[2], area: true})
	}
	rows := []row{
		{heading{title: "Jobs", keys: []key{{text: "running", tone: green, area: true}, {text: "waiting", tone: ink}}}, jobsOf(samples)},
		{fleet, instancesOf(samples)},
		{heading{title: "Cost so far, USD", keys: spent}, spendingOf(r, number)},
	}
	height := vg.Length(22)
	for _, row := range rows {
		height += row.heading.height() + rowPlot
	}
	return chart{
		name: fmt.Sprintf("timeline-%d", number+1), title: "What happened under " + name, height: height,
		description: fmt.Sprintf("Three plots below each other over %s: jobs that wait (%s at most) and run (%s at most), instances by kind (%s spot and %s on-demand at most), cost so far (%s at the end). Spot could not be had %s of the time.",
			seconds.rough(last.At), count.rough(highest(samples, waiting)), count.rough(highest(samples, running)),
			count.rough(highest(samples, spot)), count.rough(highest(samples, onDemand)), money.rough(last.Cost), share.rough(dry)),
		caption: "The run with the first seed. Each step is the mean over its time.",
		draw:    func(c draw.Canvas) { stack(c, rows, last.At) },
	}, true
}

const rowPlot = vg.Length(118)

// row of a timeline: a heading, and what fills its plot and says how high it goes.
type row struct {
	heading heading
	fill    func(p *plot.Plot)
}

// stack draws rows below each other over the same time.
func stack(c draw.Canvas, rows []row, to float64) {
	const left, right, axis = 52, 14, 36
	top := c.Max.Y
	end, ticks := upToTime(to)
	// The axis ends where the run does, not at the next mark.
	end = min(end, max(to, end*1e-6))
	for i, row := range rows {
		area := c
		area.Max.Y = top
		area = row.heading.draw(area)
		bottom := area.Max.Y - rowPlot + 14
		p := blank()
		row.fill(p)
		p.X.Min, p.X.Max, p.X.Tick.Marker = 0, end, ticks
		extra := vg.Length(0)
		if i == len(rows)-1 {
			p.X.Label.Text, extra = "Time since the start", axis
		} else {
			p.X.Tick.Marker, p.X.Tick.Length = unlabelled(ticks), 0
		}
		area.Min.Y = bottom - extra
		// Without labels that stick out, the data is where the axis sizes leave it:
		// the rows line up when all have the same left edge.
		data := p.DataCanvas(area)
		p.Draw(draw.Crop(area, left-(data.Min.X-area.Min.X), -right+(area.Max.X-data.Max.X), 0, 0))
		top = bottom - 14
	}
}

func unlabelled(ticks plot.ConstantTicks) plot.ConstantTicks {
	var bare plot.ConstantTicks
	for _, tick := range ticks {
		bare = append(bare, plot.Tick{Value: tick.Value})
	}
	return bare
}

func waiting(s experiment.Sample) float64  { return s.Waiting }
func running(s experiment.Sample) float64  { return s.Running }
func spot(s experiment.Sample) float64     { return s.Spot }
func onDemand(s experiment.Sample) float64 { return s.OnDemand }
func both(s experiment.Sample) float64     { return s.Spot + s.OnDemand }
func cost(s experiment.Sample) float64     { return s.Cost }

// timeline of a policy that can be drawn: in order, nothing unknown or below zero.
func timeline(policy experiment.PolicyResult) []experiment.Sample {
	var samples []experiment.Sample
	last := 0.0
	for _, s := range policy.Timeline {
		if !known(s.At) || s.At <= last {
			continue
		}
		for _, v := range []*float64{&s.Waiting, &s.Running, &s.Spot, &s.OnDemand, &s.Cost} {
			if !known(*v) {
				*v = 0
			}
			*v = max(*v, 0)
		}
		if !known(s.SpotAvailable) {
			s.SpotAvailable = 1
		}
		s.SpotAvailable = min(max(s.SpotAvailable, 0), 1)
		last = s.At
		samples = append(samples, s)
	}
	return samples
}

// until a moment; another policy's run may have been longer.
func until(samples []experiment.Sample, to float64) []experiment.Sample {
	for i, s := range samples {
		if s.At > to*(1+1e-9) {
			return samples[:i]
		}
	}
	return samples
}

func highest(samples []experiment.Sample, of func(experiment.Sample) float64) float64 {
	top := 0.0
	for _, s := range samples {
		top = max(top, of(s))
	}
	return top
}

// dryShare of the time is when spot could not be had.
func dryShare(samples []experiment.Sample) float64 {
	dry, from := 0.0, 0.0
	for _, s := range samples {
		dry += (1 - s.SpotAvailable) * (s.At - from)
		from = s.At
	}
	return dry / from
}

func jobsOf(samples []experiment.Sample) func(*plot.Plot) {
	return func(p *plot.Plot) {
		p.Y.Max, p.Y.Tick.Marker = upTo(max(highest(samples, waiting), highest(samples, running)), 3, count)
		p.Add(dryBands(samples))
		ruled(p)
		p.Add(area(samples, nil, running, green), drawn(func(c draw.Canvas, p *plot.Plot) {
			trace(c, p, steps(samples, waiting), stroke(ink, 1.1, nil))
		}))
	}
}

func instancesOf(samples []experiment.Sample) func(*plot.Plot) {
	return func(p *plot.Plot) {
		p.Y.Max, p.Y.Tick.Marker = upTo(highest(samples, both), 3, count)
		p.Add(dryBands(samples))
		ruled(p)
		p.Add(area(samples, nil, spot, sky), area(samples, spot, both, orange))
	}
}

func spendingOf(r *experiment.Result, number int) func(*plot.Plot) {
	return func(p *plot.Plot) {
		own := timeline(r.Policies[number])
		to, top := own[len(own)-1].At, 0.0
		for _, policy := range r.Policies {
			top = max(top, highest(until(timeline(policy), to), cost))
		}
		p.Y.Max, p.Y.Tick.Marker = upTo(top, 3, money)
		p.Add(dryBands(own))
		ruled(p)
		for i, policy := range r.Policies {
			width := 1.2
			if i == number {
				width = 2.6
			}
			p.Add(drawn(func(c draw.Canvas, p *plot.Plot) {
				through := plotter.XYs{{}}
				for _, s := range until(timeline(policy), to) {
					through = append(through, plotter.XY{X: s.At, Y: s.Cost})
				}
				trace(c, p, through, stroke(lookOf(i).tone, width, lookOf(i).dashes))
			}))
		}
	}
}

// steps is a line that holds each value from the sample before to its own.
func steps(samples []experiment.Sample, of func(experiment.Sample) float64) plotter.XYs {
	var through plotter.XYs
	from := 0.0
	for i, s := range samples {
		value := of(s)
		if i > 0 && value == through[len(through)-1].Y {
			through[len(through)-1].X = s.At
		} else {
			through = append(through, plotter.XY{X: from, Y: value}, plotter.XY{X: s.At, Y: value})
		}
		from = s.At
	}
	return through
}

// area between two quantities; without a lower one, down to zero.
func area(samples []experiment.Sample, lower, upper func(experiment.Sample) float64, fill tone) plot.Plotter {
	return drawn(func(c draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&c)
		var outline []vg.Point
		for _, point := range steps(samples, upper) {
			outline = append(outline, vg.Point{X: x(point.X), Y: y(point.Y)})
		}
		below := plotter.XYs{{X: 0}, {X: samples[len(samples)-1].At}}
		if lower != nil {
			below = steps(samples, lower)
		}
		for i := len(below) - 1; i >= 0; i-- {
			outline = append(outline, vg.Point{X: x(below[i].X), Y: y(below[i].Y)})
		}
		c.FillPolygon(fill, outline)
	})
}

// dryBands shade when spot could not be had, paler where it could part of the time.
func dryBands(samples []experiment.Sample) plot.Plotter {
	return drawn(func(c draw.Canvas, p *plot.Plot) {
		x, _ := p.Transforms(&c)
		level := func(s experiment.Sample) float64 {
			return float64(int((1 - s.SpotAvailable) * float64(len(bands)) * (1 + 1e-9)))
		}
		bars := steps(samples, level)
		for i := 0; i+1 < len(bars); i += 2 {
			if shade := int(bars[i].Y); shade > 0 {
				c.FillPolygon(bands[min(shade, len(bands))-1], box(x(bars[i].X), c.Min.Y, x(bars[i+1].X), c.Max.Y))
			}
		}
	})
}
