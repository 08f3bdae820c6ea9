package metrics

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// ContentType of a page
// (https://prometheus.io/docs/instrumenting/exposition_formats, 2026-11-24).
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// The kinds of families.
const (
	kindGauge   = "gauge"
	kindCounter = "counter"
)

// family is a metric with all its series.
type family struct{ name, kind, help string }

// page is written in Prometheus's text format. Its library would do that too, and
// brings protocol buffers along: two of the twenty megabytes that the agent may
// hold.
type page struct{ bytes.Buffer }

// begin writes what a family is, before its first series.
func (p *page) begin(f family) {
	p.WriteString("# HELP " + f.name + " " + escapeHelp.Replace(f.help) + "\n# TYPE " + f.name + " " + f.kind + "\n")
}

// series writes one value. Its labels are rendered.
func (p *page) series(name, labels string, value float64) {
	p.WriteString(name)
	p.WriteString(labels)
	p.WriteByte(' ')
	p.Write(strconv.AppendFloat(p.AvailableBuffer(), value, 'g', -1, 64))
	p.WriteByte('\n')
}

// one writes a family with a single series.
func (p *page) one(f family, value float64) {
	p.begin(f)
	p.series(f.name, "", value)
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// render writes labels by their names and values, in that order. What is no text
// is left out: a label that makes no sense must not cost the whole page.
func render(names []string, values ...string) string {
	var out strings.Builder
	for i, name := range names {
		separator := ","
		if i == 0 {
			separator = "{"
		}
		out.WriteString(separator + name + `="` + escapeLabel.Replace(strings.ToValidUTF8(values[i], "")) + `"`)
	}
	if len(names) > 0 {
		out.WriteByte('}')
	}
	return out.String()
}

func whether(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// finite is what a page can say of a number.
func finite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }
