package checks

import (
	"fmt"
	"strings"
)

// Document writes the reference of the rules as Markdown: docs/checks.md.
func Document() string {
	var b strings.Builder
	b.WriteString("# Checks of the templates\n\n" +
		"<!-- Generated from stacks/checks; write it anew with: go test ./stacks/checks -run TestDocument -update -->\n\n" +
		"Every synth reads its templates again and judges them by these rules, after the CDK's own validation and cdk-nag. " +
		"An error ends the synth with a status other than 0; a warning is only said. " +
		"Each finding names the construct and, where it comes from the configuration, its key and line:\n\n" +
		"```\n" + example().String() + "\n```\n\n" +
		"A construct that breaks a rule on purpose says why in its metadata, at least in one sentence; " +
		"in this project `accepted.On(construct, accepted.Finding{Rule: \"...\", Reason: \"...\"})` writes it. " +
		"Rules marked strict take no reason.\n\n" +
		"| rule | severity |\n|---|---|\n")
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", r.Name, r.Name, r.Severity)
	}
	for _, r := range Rules() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nWhy: %s\n\n", r.Name, r.What, r.Why)
		if len(r.Accepts) > 0 {
			fmt.Fprintf(&b, "A reason for %s on the same resource counts too.\n\n", strings.Join(r.Accepts, ", "))
		}
		if r.Strict {
			b.WriteString("Strict: no reason is accepted.\n\n")
		}
		fmt.Fprintf(&b, "Source: %s, read %s.\n", links(r.Source), r.Checked)
	}
	return b.String()
}

func example() Finding {
	return Finding{
		Rule: "stop-timeout", Severity: Error, Path: "Workers/DocumentAnalyser/Worker/Task",
		Config: "workers.document-analyser.stopTimeout", Origin: "config/prod.yaml:41",
		Message: "found 115 s until worker, then model have stopped, one after the other, expected 110 s or less; lower a stop timeout",
	}
}

func links(sources string) string {
	each := strings.Split(sources, ", ")
	for i, source := range each {
		url, remark, _ := strings.Cut(source, " ")
		each[i] = strings.TrimSpace("<" + url + "> " + remark)
	}
	return strings.Join(each, ", ")
}
