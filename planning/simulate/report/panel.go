package report

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// words is the style of a text, in points.
func words(size vg.Length, c color.Color) text.Style {
	return text.Style{Color: c, Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size), Handler: text.Plain{Fonts: font.DefaultCache}}
}

func bold(size vg.Length) text.Style {
	style := words(size, ink)
	style.Font.Weight = xfont.WeightBold
	return style
}

// key explains one line or area of a panel.
type key struct {
	text string
	tone tone
	// area is drawn as a square, a line with its width and dashes.
	area   bool
	dashes []float64
}

// heading is a panel's title, unit included, with its keys beside it.
type heading struct {
	title string
	keys  []key
}

const (
	headingSize = vg.Length(12)
	rowHeight   = vg.Length(17)
	swatch      = vg.Length(16)
)

// layout calls back with the place of each key, from the left edge and the row
// from the top, and tells how many rows it takes. What does not fit beside the
// title goes below.
func (h heading) layout(width vg.Length, place func(k key, x vg.Length, row int)) int {
	x, row := bold(headingSize).Width(h.title)+16, 0
	for _, k := range h.keys {
		needs := swatch + 5 + words(11, ink).Width(k.text) + 16
		if x > 0 && x+needs > width {
			x, row = 0, row+1
		}
		if place != nil {
			place(k, x, row)
		}
		x += needs
	}
	return row + 1
}

// draw puts the heading at the top and returns what is left below.
func (h heading) draw(c draw.Canvas) draw.Canvas {
	top := c.Max.Y - rowHeight + 5
	c.FillText(bold(headingSize), vg.Point{X: c.Min.X, Y: top}, h.title)
	rows := h.layout(c.Max.X-c.Min.X, func(k key, x vg.Length, row int) {
		at := vg.Point{X: c.Min.X + x, Y: top - vg.Length(row)*rowHeight}
		if k.area {
			c.FillPolygon(k.tone, box(at.X, at.Y-1, at.X+swatch, at.Y+9))
		} else {
			c.StrokeLine2(stroke(k.tone, 2.2, k.dashes), at.X, at.Y+4, at.X+swatch, at.Y+4)
		}
		c.FillText(words(11, ink), vg.Point{X: at.X + swatch + 5, Y: at.Y}, k.text)
	})
	return draw.Crop(c, 0, 0, 0, -vg.Length(rows)*rowHeight-6)
}

func (h heading) height() vg.Length { return vg.Length(h.layout(wide, nil))*rowHeight + 6 }

func box(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

func stroke(c color.Color, width float64, dashes []float64) draw.LineStyle {
	style := draw.LineStyle{Color: c, Width: vg.Points(width)}
	for _, d := range dashes {
		style.Dashes = append(style.Dashes, vg.Points(d))
	}
	return style
}

// blank is a plot with our looks and nothing in it.
func blank() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Min, axis.Max = 0, 1
		axis.Padding = 0
		axis.LineStyle = stroke(muted, 0.7, nil)
		axis.Tick.LineStyle = stroke(muted, 0.7, nil)
		axis.Tick.Length = 4
		axis.Tick.Marker = plot.ConstantTicks{}
		label := axis.Tick.Label
		axis.Tick.Label = words(10.5, muted)
		axis.Tick.Label.XAlign, axis.Tick.Label.YAlign = label.XAlign, label.YAlign
		label = axis.Label.TextStyle
		axis.Label.TextStyle = words(11, muted)
		axis.Label.TextStyle.XAlign, axis.Label.TextStyle.YAlign = label.XAlign, label.YAlign
		axis.Label.Padding = 4
	}
	return p
}

// ruled adds lines across the plot at the marks of its axes.
func ruled(p *plot.Plot) {
	grid := plotter.NewGrid()
	grid.Vertical = stroke(line, 0.5, nil)
	grid.Horizontal = stroke(line, 0.5, nil)
	p.Add(grid)
}

// drawn adapts a function to a plotter.
type drawn func(c draw.Canvas, p *plot.Plot)

// Plot implements plot.Plotter.
func (d drawn) Plot(c draw.Canvas, p *plot.Plot) { d(c, p) }
