// Package report is how benchmarks tell what they found: a table that says when
// and where it was measured, put between its own markers in a document. What is
// measured, and what it should reach, is each benchmark's business.
package report

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Row is one line of a table.
type Row struct {
	// What was measured, and how much it was.
	What, Measured string
	// Beside is what the same run measured for comparison.
	Beside string
	// Target, empty where there is none.
	Target string
	// Met tells whether it was reached.
	Met bool
}

func (r Row) verdict() string {
	switch {
	case r.Target == "":
		return ""
	case r.Met:
		return "yes"
	default:
		return "**no**"
	}
}

// Table renders rows in Markdown. Beside heads the column of what was measured
// for comparison; without it there is no such column.
func Table(rows []Row, beside string) string {
	var out strings.Builder
	if beside == "" {
		out.WriteString("| what | measured | target | met |\n|---|---|---|---|\n")
	} else {
		fmt.Fprintf(&out, "| what | measured | %s | target | met |\n|---|---|---|---|---|\n", beside)
	}
	for _, row := range rows {
		cells := []string{row.What, row.Measured, row.Beside, row.Target, row.verdict()}
		if beside == "" {
			cells = slices.Delete(cells, 2, 3)
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(cells, " | "))
	}
	return out.String()
}

// Head is the line above a table: date and machine, and the machine's load at
// the moment that when names, such as before.
func Head(at time.Time, when, load string) string {
	return fmt.Sprintf("%s. Load of the machine %s: %s.\n\n", Machine(at), when, load)
}

// Machine is date and machine.
func Machine(at time.Time) string {
	return fmt.Sprintf("%s, %d cores (%s), %s", at.UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), processor(), runtime.Version())
}

func processor() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(raw)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// Load is the machine's load average over one, five and fifteen minutes.
func Load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) >= 3 {
		return strings.Join(fields[:3], ", ")
	}
	return "unknown"
}

// Insert replaces what stands between the markers of a section in a document.
func Insert(name, section, text string) error {
	begin, end := fmt.Sprintf("<!-- %s: begin -->", section), fmt.Sprintf("<!-- %s: end -->", section)
	document, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the document for the table: %w", err)
	}
	head, rest, found := bytes.Cut(document, []byte(begin))
	_, tail, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return fmt.Errorf("%s has no place for the table, as it lacks the markers %s and %s: put them where it belongs", name, begin, end)
	}
	document = slices.Concat(head, []byte(begin+"\n"+strings.TrimSuffix(text, "\n")+"\n"), []byte(end), tail)
	if err := os.WriteFile(name, document, 0o644); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// Median of one or more values.
func Median[T int | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Percentile of one or more values, from 0 to 1.
func Percentile(values []time.Duration, at float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(at*float64(len(sorted))))]
}

// Milliseconds to one decimal.
func Milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// Mebibytes to one decimal.
func Mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
