package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a template may be deployed.
type Severity string

const (
	// Error is a deploy that fails, a job or data lost, or a bill without end.
	Error Severity = "error"
	// Warning is worth a look.
	Warning Severity = "warning"
)

// Finding is one place that breaks one rule.
type Finding struct {
	// Rule is its name, such as spot-draining.
	Rule string
	// Severity is Error or Warning.
	Severity Severity
	// Stack is the path of the stack's construct.
	Stack string
	// Path of the construct, without a trailing /Resource; the stack's where
	// the finding is about the whole template.
	Path string
	// LogicalID in the template; empty where the finding is about all of it.
	LogicalID string
	// Message says what was found, what was expected, and what to do.
	Message string
	// Config is the path of the configuration that asked for it, such as
	// workers.document-analyser.stopTimeout; empty where that is not known.
	Config string
	// Origin is where that is written, such as config/prod.yaml:41; empty
	// where that is not known.
	Origin string
}

// String is one line for people: severity and rule, construct path, where in
// the configuration it comes from, message.
func (f Finding) String() string {
	var from []string
	for _, known := range []string{f.Config, f.Origin} {
		if known != "" {
			from = append(from, known)
		}
	}
	place := f.Path
	if len(from) > 0 {
		place += " (" + strings.Join(from, ", ") + ")"
	}
	return fmt.Sprintf("%s %s  %s: %s", f.Severity, f.Rule, place, f.Message)
}

// Errors counts the findings that forbid a deployment.
func Errors(findings []Finding) int {
	count := 0
	for _, f := range findings {
		if f.Severity == Error {
			count++
		}
	}
	return count
}

// sortFindings orders by stack, construct, rule and message, and leaves out
// what was said twice.
func sortFindings(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Path, b.Path), cmp.Compare(a.LogicalID, b.LogicalID),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(findings)
}
