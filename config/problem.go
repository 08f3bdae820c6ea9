package config

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Position Position
	// Path of the value, such as workers.documents.timeout; empty where the
	// text could not be read at all.
	Path string
	// Rule is the name of the cross-field rule that found it; empty for what
	// the schema itself forbids.
	Rule string
	// Message says what is wrong, Hint what to do about it.
	Message, Hint string

	excerpt string
	// hidden keeps the line out of the message: it holds a secret.
	hidden bool
	path   path
	// onKey points at the key and not at its value.
	onKey bool
	// meant is the key that an unknown key was probably meant to be.
	meant path
}

// String renders the problem with the offending line underlined.
func (p Problem) String() string {
	var out strings.Builder
	switch {
	case p.Position.Line > 0:
		fmt.Fprintf(&out, "%s:%d:%d: %s", p.Position.File, p.Position.Line, p.Position.Column, p.Message)
	case p.Position.File != "":
		fmt.Fprintf(&out, "%s: %s", p.Position.File, p.Message)
	default:
		out.WriteString(p.Message)
	}
	if p.Rule != "" {
		fmt.Fprintf(&out, " [%s]", p.Rule)
	}
	out.WriteByte('\n')
	if p.excerpt != "" {
		number := ""
		if p.Position.Line > 0 {
			number = fmt.Sprint(p.Position.Line)
		}
		line, column := window(p.excerpt, p.Position.Column)
		width := min(max(p.Position.Width, 1), max(utf8.RuneCountInString(line)-column+1, 1))
		fmt.Fprintf(&out, "%5s | %s\n", number, line)
		fmt.Fprintf(&out, "%5s | %s%s\n", "", strings.Repeat(" ", column-1), strings.Repeat("^", width))
	}
	if p.Hint != "" {
		fmt.Fprintf(&out, "        hint: %s\n", p.Hint)
	}
	return out.String()
}

// Of a long line, this much is shown, and this much of it before the column.
const (
	windowWidth = 120
	windowLead  = 40
)

// window is the part of a line around a column, and the column in it. Each tab
// becomes one space, so that the underline stands below what it means.
func window(line string, column int) (string, int) {
	runes := []rune(strings.TrimRight(strings.ReplaceAll(line, "\t", " "), " \r"))
	column = min(max(column, 1), len(runes)+1)
	if len(runes) <= windowWidth {
		return string(runes), column
	}
	start := max(min(column-1-windowLead, len(runes)-windowWidth), 0)
	end := min(start+windowWidth, len(runes))
	shown, column := string(runes[start:end]), column-start
	if start > 0 {
		shown, column = "..."+shown, column+len("...")
	}
	if end < len(runes) {
		shown += "..."
	}
	return shown, column
}

// Error is everything that is wrong with one environment.
type Error struct {
	Environment string
	Problems    []Problem
}

// Error renders all problems, and how many there are.
func (e *Error) Error() string {
	var out strings.Builder
	for _, p := range e.Problems {
		out.WriteString(p.String())
		out.WriteByte('\n')
	}
	count := "1 problem"
	if len(e.Problems) != 1 {
		count = fmt.Sprintf("%d problems", len(e.Problems))
	}
	fmt.Fprintf(&out, "%s in the configuration of %q", count, e.Environment)
	return out.String()
}

// problems collects what is wrong, with the lines that it stands in.
type problems struct {
	sources map[string]*source
	found   []Problem
}

func (ps *problems) add(found ...Problem) {
	for _, p := range found {
		p.excerpt = p.Position.excerpt
		if src, ok := ps.sources[p.Position.File]; ok && p.Position.Line > 0 {
			lines := strings.Split(src.text, "\n")
			if p.Position.Line <= len(lines) {
				p.excerpt = lines[p.Position.Line-1]
			}
		}
		if p.hidden {
			p.excerpt = ""
		}
		if p.Path == "" {
			p.Path = p.path.String()
		}
		ps.found = append(ps.found, p)
	}
}

// paths are those of the values that are wrong, and of the keys that unknown
// ones were probably meant to be.
func (ps *problems) paths() []path {
	var all []path
	for _, p := range ps.found {
		if len(p.path) > 0 {
			all = append(all, p.path)
		}
		if len(p.meant) > 0 {
			all = append(all, p.meant)
		}
	}
	return all
}

// err is nil where nothing was found. Problems are in the order in which a
// reader of the files meets them.
func (ps *problems) err(environment string, layers []string) error {
	if len(ps.found) == 0 {
		return nil
	}
	rank := map[string]int{}
	for i, name := range layers {
		rank[name] = i + 1
	}
	sort.SliceStable(ps.found, func(i, j int) bool {
		a, b := ps.found[i].Position, ps.found[j].Position
		if rank[a.File] != rank[b.File] {
			return rank[a.File] < rank[b.File]
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return &Error{Environment: environment, Problems: ps.found}
}
