package display

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Table writes rows under a header in aligned columns. Control
// characters are shown as spaces, because names and messages come from others
// and must not steer the terminal.
func Table(w io.Writer, header []string, rows [][]string) error {
	return align(w, append([][]string{header}, rows...))
}

// align pads cells into columns. Lines end where their text does.
func align(w io.Writer, rows [][]string) error {
	var aligned strings.Builder
	columns := tabwriter.NewWriter(&aligned, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(columns, "\t")
			}
			fmt.Fprint(columns, Clean(cell))
		}
		fmt.Fprintln(columns)
	}
	_ = columns.Flush() // into memory
	for line := range strings.Lines(aligned.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return fmt.Errorf("writing the table: %w", err)
		}
	}
	return nil
}

// Field is one line of a list of fields; one without a value is left out.
type Field struct{ Name, Value string }

// Fields writes names and values in two columns.
func Fields(w io.Writer, fields ...Field) error {
	var rows [][]string
	for _, field := range fields {
		if field.Value != "" {
			rows = append(rows, []string{field.Name, field.Value})
		}
	}
	return align(w, rows)
}

// JSON writes a value for programs, on several lines.
func JSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// JSONLine writes a value for programs on one line, for streams of them.
func JSONLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// Clean replaces what could steer a terminal or break a line by spaces.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}
