package assembly

import (
	"fmt"
	"slices"
	"strings"
)

// Kind of a change.
type Kind string

// The kinds of change.
const (
	// Dropped means that the resource or output is not deployed.
	Dropped Kind = "dropped"
	// Altered means that it is deployed without what it says of dropped resources.
	Altered Kind = "altered"
	// Buffered means that an integration's answers are collected rather than streamed.
	Buffered Kind = "buffered"
	// Unpublished means that the container image is not built.
	Unpublished Kind = "unpublished"
)

// Change is one difference between what was synthesised and what is deployed.
type Change struct {
	Kind Kind
	// Stack by its id.
	Stack string
	// Type of the resource, or Output, or Image.
	Type string
	// Path of the construct below the stack.
	Path string
	// Why in a few words.
	Why string
}

func (c Change) String() string {
	return fmt.Sprintf("%s %s %s %s: %s", c.Kind, c.Stack, c.Type, c.Path, c.Why)
}

// Report says how what is deployed differs from what was synthesised.
type Report struct {
	// Changes in the order of their text.
	Changes []Change
	// Synthesised and Kept count resources, by stack id.
	Synthesised, Kept map[string]int
	// Rebuilt are the packages of the functions that were built for this machine.
	Rebuilt []string
}

// Lines are the changes as text, in a form to be kept in a file.
func (r *Report) Lines() []string {
	lines := make([]string, 0, len(r.Changes))
	for _, change := range r.Changes {
		lines = append(lines, change.String())
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// Summary is 'N of M resources', which belongs beside every result from the emulator.
func (r *Report) Summary() string {
	var kept, synthesised int
	for stack := range r.Synthesised {
		kept += r.Kept[stack]
		synthesised += r.Synthesised[stack]
	}
	return fmt.Sprintf("%d of %d resources", kept, synthesised)
}

// String is what was changed, for a person.
func (r *Report) String() string {
	var b strings.Builder
	for _, line := range r.Lines() {
		fmt.Fprintln(&b, line)
	}
	for _, function := range r.Rebuilt {
		fmt.Fprintf(&b, "rebuilt %s for this machine\n", function)
	}
	fmt.Fprintf(&b, "to be deployed: %s in %d stacks\n", r.Summary(), len(r.Synthesised))
	return b.String()
}
