package measure

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// row of the table.
type row struct {
	what, measured, target string
	met                    bool
}

// beside is a row that has no target.
func beside(what, measured string) row { return row{what: what, measured: measured} }

func table(rows []row) string {
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "%s, %d cores (%s), %s. Load of the machine at the end: %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.NumCPU(), processor(), runtime.Version(), load())
	out.WriteString("| what | measured | target | met |\n|---|---|---|---|\n")
	for _, r := range rows {
		met := ""
		if r.target != "" {
			met = map[bool]string{true: "yes", false: "**no**"}[r.met]
		}
		_, _ = fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", r.what, r.measured, r.target, met)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// processor names the machine, as far as it says.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = file.Close() }()
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if name, found := strings.CutPrefix(scanner.Text(), "model name"); found {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}

func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) >= 3 {
		return strings.Join(fields[:3], ", ")
	}
	return "not known"
}

const (
	beginMark = "<!-- agent: begin -->"
	endMark   = "<!-- agent: end -->"
)

// Insert puts a report between its markers in a document.
func Insert(document, report string) error {
	raw, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	before, rest, begun := strings.Cut(string(raw), beginMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		return fmt.Errorf("writing the report: %s lacks the markers %s and %s", document, beginMark, endMark)
	}
	text := before + beginMark + "\n" + report + "\n" + endMark + after
	if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
