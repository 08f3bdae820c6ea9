package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/png"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	// wide is the width of every chart, in points.
	wide = vg.Length(760)
	// margin around a chart that has no page around it.
	margin = vg.Length(20)
	// banner is the line of its title, which is the page's otherwise.
	banner = vg.Length(30)
	// density of PNG files in dots an inch: two dots a point.
	density = 144
)

// chart is a picture with its words.
type chart struct {
	// name is that of its file, and of its place in the page.
	name string
	// title, and description for whoever does not see it.
	title, description string
	// caption tells how to read it.
	caption string
	height  vg.Length
	draw    func(draw.Canvas)
}

// png writes the chart as a picture of two pixels a point.
func (c chart) png(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(c.size()), vgimg.UseDPI(density), vgimg.UseBackgroundColor(surface))
	inner := draw.Crop(draw.New(canvas), margin, -margin, margin, -margin)
	inner.FillText(bold(15), vg.Point{X: inner.Min.X, Y: inner.Max.Y - 12}, c.title)
	c.draw(draw.Crop(inner, 0, 0, 0, -banner))
	return png.Encode(w, canvas.Image())
}

// size of the PNG in points.
func (c chart) size() (width, height vg.Length) { return wide + 2*margin, c.height + banner + 2*margin }

// svg is the chart as part of a page. Its fonts are the page's: Arial has the
// same widths as Liberation Sans, with which it was laid out.
func (c chart) svg() (template.HTML, error) {
	canvas := vgsvg.New(wide, c.height)
	c.draw(draw.New(canvas))
	var written bytes.Buffer
	if _, err := canvas.WriteTo(&written); err != nil {
		return "", err
	}
	_, body, found := strings.Cut(written.String(), "<svg ")
	_, body, closed := strings.Cut(body, ">\n")
	if !found || !closed {
		return "", fmt.Errorf("drawing chart %s: the SVG has no beginning", c.name)
	}
	head := fmt.Sprintf(`<svg role="img" aria-labelledby="%[1]s-title %[1]s-text" viewBox="0 0 %.0[2]f %.0[3]f"><title id="%[1]s-title">%[4]s</title><desc id="%[1]s-text">%[5]s</desc>`+"\n",
		c.name, wide.Points(), c.height.Points(), html.EscapeString(c.title), html.EscapeString(c.description))
	return template.HTML(head + themed(body)), nil
}

// styles of elements. Text cannot look like one: its quotes are escaped.
var styles = regexp.MustCompile(`style="[^"]*"`)

// themed takes the colours of an SVG from CSS variables and its fonts from the page.
func themed(svg string) string {
	names := map[string]string{}
	for _, t := range tones() {
		names[hex(t.light)] = "var(--" + t.name + ")"
	}
	return styles.ReplaceAllStringFunc(svg, func(style string) string {
		var kept []string
		for declaration := range strings.SplitSeq(style[len(`style="`):len(style)-1], ";") {
			property, value, _ := strings.Cut(declaration, ":")
			switch {
			case property == "font-family", property == "font-variant", property == "font-style", declaration == "font-weight:normal":
			case names[value] != "":
				kept = append(kept, property+":"+names[value])
			default:
				kept = append(kept, declaration)
			}
		}
		return `style="` + strings.Join(kept, ";") + `"`
	})
}
