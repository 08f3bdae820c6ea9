package explain

import (
	"fmt"
	"strings"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/xid"
)

// Checks is the guide's table of checks and reasons, in Markdown.
func Checks(table *xid.Table) string {
	var out strings.Builder
	for _, check := range checks.All(table) {
		doc := check.Doc()
		fmt.Fprintf(&out, "### %s\n\nFinds %s. It counts %s.\n\n%s Source: %s.\n\n", doc.Name, doc.Finds, doc.When, doc.Why, doc.Source)
		out.WriteString("| reason | state | cure | means |\n|---|---|---|---|\n")
		for _, reason := range doc.Reasons {
			fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", reason.Name, stateName(reason.Severity), reason.Action, reason.Means)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func stateName(severity finding.Severity) string {
	switch severity {
	case finding.Impaired:
		return "IMPAIRED"
	case finding.Unknown:
		return "INSUFFICIENT_DATA"
	default:
		return "a note"
	}
}

// Xids is the guide's table of Xids. Codes that NVIDIA marks as unused and no
// source acts on are counted only.
func Xids(table *xid.Table) string {
	var out strings.Builder
	out.WriteString("| Xid | name | scope | action | AWS | device plugin | NVIDIA | remark |\n|---|---|---|---|---|---|---|---|\n")
	unused := 0
	for _, policy := range table.Xids() {
		if strings.HasPrefix(policy.Name, "Unused (") {
			unused++
			continue
		}
		remark := policy.Note
		if policy.Disputed() {
			remark = strings.TrimSpace("**Disputed: the driver's verdict decides.** " + remark)
		}
		fmt.Fprintf(&out, "| %d | %s | %s | %s | %s | %s | %s | %s |\n",
			policy.Code, policy.Name, policy.Scope, policy.Action, policy.AWS, policy.Plugin, policy.NVIDIA, remark)
	}
	fmt.Fprintf(&out, "\n%d more codes are unused by today's drivers; they are noted and lead to nothing, as does any code that is not listed.\n", unused)
	return out.String()
}

// SXids is the guide's table of NVSwitch errors.
func SXids(table *xid.Table) string {
	var out strings.Builder
	out.WriteString("| SXid | name | class | action |\n|---|---|---|---|\n")
	for _, policy := range table.SXids() {
		fmt.Fprintf(&out, "| %d | %s | %s | %s |\n", policy.Code, policy.Name, policy.NVIDIA, policy.Action)
	}
	return out.String()
}
