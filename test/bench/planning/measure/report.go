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

// row is one line of the table.
type row struct {
	What, Measured string
	// Target, empty where there is none, and whether it was reached.
	Target string
	Met    bool
}

// render makes the table, with what it holds for.
func render(rows []row, began time.Time, before string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %d cores (%s), %s. Load of the machine before: %s.\n\n",
		began.UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), processor(), runtime.Version(), before)
	out.WriteString("| what | measured | target | met |\n|---|---|---|---|\n")
	for _, r := range rows {
		verdict := "yes"
		if !r.Met {
			verdict = "**no**"
		}
		if r.Target == "" {
			verdict = ""
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", r.What, r.Measured, r.Target, verdict)
	}
	return out.String()
}

// The markers between which Insert puts the table.
const (
	beginMark = "<!-- planning: begin -->"
	endMark   = "<!-- planning: end -->"
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

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
