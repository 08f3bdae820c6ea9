package report

import (
	"math"
	"strconv"
	"strings"
)

const (
	// unknown is shown for what is missing or not finite.
	unknown = "–"
	// space does not break, so that a number stays with its unit.
	space = "\u00a0"
	// most is above all that a simulation can mean; what exceeds it is unknown.
	most = 1e15

	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

// unit is how a number is written.
type unit uint8

const (
	plain unit = iota
	money      // USD
	seconds
	hours
	share // of 1
	count // of things
	ratio // a multiple
)

func known(v float64) bool { return math.Abs(v) <= most }

// format with the three digits of a table.
func (u unit) format(v float64) string { return u.digits(v, 3) }

// rough has the two digits of a sentence; money keeps three from a dollar.
func (u unit) rough(v float64) string {
	if u == money && math.Abs(v) >= 1 {
		return u.digits(v, 3)
	}
	return u.digits(v, 2)
}

func (u unit) digits(v float64, n int) string {
	if !known(v) {
		return unknown
	}
	if v < 0 {
		return "−" + u.digits(-v, n)
	}
	switch u {
	case money:
		return "$" + amount(v, n)
	case seconds:
		return duration(v, n)
	case hours:
		return significant(v, n) + space + "h"
	case share:
		return significant(100*v, n) + space + "%"
	case count:
		if v >= 100 {
			return thousands(math.Round(v))
		}
		return significant(v, n)
	case ratio:
		return significant(v, n) + space + "×"
	default:
		return significant(v, n)
	}
}

func amount(v float64, n int) string {
	switch {
	case v >= 999.5e6:
		return significant(v/1e9, n) + space + "billion"
	case v >= 999.5e3:
		return significant(v/1e6, n) + space + "million"
	case v > 0 && v < 10:
		// Cents have two digits.
		text := significant(v, n)
		if point := strings.IndexByte(text, '.'); point >= 0 && len(text)-point == 2 {
			text += "0"
		}
		return text
	default:
		return significant(v, n)
	}
}

// duration in the unit that a person would use.
func duration(v float64, n int) string {
	for _, u := range []struct {
		name         string
		length, most float64
	}{{"s", 1, minute}, {"min", minute, hour}, {"h", hour, 2 * day}, {"days", day, 2 * year}} {
		// What rounds to a whole of the next is one.
		if rounded := round(v/u.length, n) * u.length; rounded < u.most {
			return significant(v/u.length, n) + space + u.name
		}
		v = max(v, u.most)
	}
	return significant(v/year, n) + space + "years"
}

// round to so many digits.
func round(v float64, digits int) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow10(digits - 1 - int(math.Floor(math.Log10(math.Abs(v)))))
	return math.Round(v*scale) / scale
}

// significant rounds to so many digits, and writes all of those before the point.
func significant(v float64, digits int) string {
	if v == 0 || math.Abs(v) < 1e-9 {
		return "0"
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(v))))
	decimals := digits - 1 - magnitude
	if decimals <= 0 {
		scale := math.Pow10(-decimals)
		return thousands(math.Round(v/scale) * scale)
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// thousands writes 12345 as 12,345.
func thousands(v float64) string {
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plural of a noun that takes an s.
func plural(n int, noun string) string {
	if n == 1 {
		return "1" + space + noun
	}
	return thousands(float64(n)) + space + noun + "s"
}

// clip shortens what would not fit into a chart.
func clip(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return text
}
