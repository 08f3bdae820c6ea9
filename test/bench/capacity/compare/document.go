package compare

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The markers between which Insert puts the report.
const (
	beginMark = "<!-- capacity: begin -->"
	endMark   = "<!-- capacity: end -->"
)

// Insert replaces what stands between the markers of a document.
func Insert(name, report string) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the document for the report: %w", err)
	}
	head, rest, found := bytes.Cut(document, []byte(beginMark))
	_, tail, ended := bytes.Cut(rest, []byte(endMark))
	if !found || !ended {
		return fmt.Errorf("%s has no place for the report: put %s and %s where it belongs", name, beginMark, endMark)
	}
	document = slices.Concat(head, []byte(beginMark+"\n"+report), []byte(endMark), tail)
	if err := os.WriteFile(name, document, 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// Head is date and machine.
func Head(at time.Time) string {
	processor := runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				processor = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores (%s), %s", at.UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), processor, runtime.Version())
}
