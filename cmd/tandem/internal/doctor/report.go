package doctor

import (
	"fmt"
	"io"
	"strings"

	"tandem/cmd/tandem/internal/display"
)

// Report shows lines to people: what was found, and below it what to do.
func Report(w io.Writer, lines []Line) error {
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%-7s  %-20s %s\n", line.Result, line.Check, display.Clean(line.Found))
		if line.Next != "" {
			fmt.Fprintf(&b, "%-7s  %-20s -> %s\n", "", "", display.Clean(line.Next))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// Summary counts what matters, in words.
func Summary(lines []Line) string {
	var parts []string
	for _, count := range []struct {
		result    Result
		one, many string
	}{{Fail, "fault", "faults"}, {Warn, "warning", "warnings"}, {Skipped, "check skipped", "checks skipped"}} {
		switch n := Count(lines, count.result); n {
		case 0:
		case 1:
			parts = append(parts, "1 "+count.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, count.many))
		}
	}
	if len(parts) == 0 {
		return "all is well"
	}
	return strings.Join(parts, ", ")
}
