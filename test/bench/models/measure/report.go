package measure

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Row is one line of the table.
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

func render(rows []Row, began time.Time, before string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %d cores (%s), %s. Load of the machine before: %s.\n\n",
		began.UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), processor(), runtime.Version(), before)
	out.WriteString("| what | measured | beside it, same run | target | met |\n|---|---|---|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", row.What, row.Measured, row.Beside, row.Target, row.verdict())
	}
	return out.String()
}

// The markers between which Insert puts the table.
const (
	beginMark = "<!-- models: begin -->"
	endMark   = "<!-- models: end -->"
)

// Insert replaces what stands between the markers of a document.
func Insert(name, table string) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the document for the table: %w", err)
	}
	head, rest, found := bytes.Cut(document, []byte(beginMark))
	_, tail, ended := bytes.Cut(rest, []byte(endMark))
	if !found || !ended {
		return fmt.Errorf("%s has no place for the table: put %s and %s where it belongs", name, beginMark, endMark)
	}
	document = slices.Concat(head, []byte(beginMark+"\n"+table), []byte(endMark), tail)
	if err := os.WriteFile(name, document, 0o644); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// load is the machine's load average over one, five and fifteen minutes.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(raw))[:3], ", ")
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

// percentile of one or more values, from 0 to 1.
func percentile(values []time.Duration, at float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(at*float64(len(sorted))))]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func microseconds(d time.Duration) string { return fmt.Sprintf("%d us", d.Microseconds()) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
