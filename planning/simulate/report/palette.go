package report

import (
	"fmt"
	"image/color"
	"strings"
)

// tone is a colour with a role. In a PNG it is its light colour, in the page a
// CSS variable, so that the page can be dark.
type tone struct {
	name        string
	light, dark color.RGBA
}

// RGBA makes a tone a color.Color.
func (t tone) RGBA() (r, g, b, a uint32) { return t.light.RGBA() }

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// The hues are those of Okabe and Ito, which people with any kind of colour
// vision tell apart ("Color Universal Design", https://jfly.uni-koeln.de/color/,
// 2026-11-24), without yellow, which is too pale on white. In the dark those that
// would be too dim are lighter. No two tones have the same light colour, by which
// they are found again in an SVG.
var (
	ink     = tone{"ink", rgb(0x1C1E21), rgb(0xE8E6E3)}
	muted   = tone{"muted", rgb(0x5A5F66), rgb(0xA3A8AE)}
	line    = tone{"line", rgb(0xD9DCE0), rgb(0x3A3F45)}
	surface = tone{"surface", rgb(0xFFFFFF), rgb(0x16181B)}

	blue       = tone{"blue", rgb(0x0072B2), rgb(0x3D94D6)}
	orange     = tone{"orange", rgb(0xE69F00), rgb(0xE8A517)}
	green      = tone{"green", rgb(0x009E73), rgb(0x17B387)}
	purple     = tone{"purple", rgb(0xCC79A7), rgb(0xD68DB6)}
	vermillion = tone{"vermillion", rgb(0xD55E00), rgb(0xEB7420)}
	sky        = tone{"sky", rgb(0x56B4E9), rgb(0x86CBF3)}
	grey       = tone{"grey", rgb(0x999999), rgb(0x8A8F94)}

	// bands where spot could not be had, from some of the time to all of it.
	bands = []tone{
		{"band1", rgb(0xF6F2F5), rgb(0x211F25)},
		{"band2", rgb(0xEFE7ED), rgb(0x2B2630)},
		{"band3", rgb(0xE6DAE3), rgb(0x37303E)},
	}

	// onColour is what is written on a bar: black in both themes.
	onColour = color.Black
)

func tones() []tone {
	return append([]tone{ink, muted, line, surface, blue, orange, green, purple, vermillion, sky, grey}, bands...)
}

// look of a policy in charts.
type look struct {
	tone   tone
	dashes []float64
}

// lookOf gives the policies of a comparison a colour each and, so that it is not
// the colour alone that tells them apart, a dash pattern.
func lookOf(policy int) look {
	hues := []tone{blue, vermillion, green, purple, orange, sky, ink}
	patterns := [][]float64{nil, {7, 3}, {2, 2}, {9, 3, 2, 3}, {4, 2}, {12, 3}, {1, 2}}
	// A second round through the hues shifts the patterns.
	return look{hues[policy%len(hues)], patterns[(policy+policy/len(hues))%len(patterns)]}
}

// variables declares the tones for CSS.
func variables(dark bool) string {
	var b strings.Builder
	for _, t := range tones() {
		c := t.light
		if dark {
			c = t.dark
		}
		fmt.Fprintf(&b, "--%s:%s;", t.name, hex(c))
	}
	return b.String()
}
