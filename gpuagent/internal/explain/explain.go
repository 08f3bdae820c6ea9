// Package explain says in words what a reason or a code means and what is done
// about it, for people at a terminal and for the guide.
package explain

import (
	"fmt"
	"slices"
	"strings"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/xid"
)

// Reason explains XID_79, 79, SXID_11001 or any reason that a check gives.
func Reason(table *xid.Table, reason string) (string, error) {
	if code, isSwitch, ok := xid.ParseReason(reason); ok {
		if isSwitch {
			return switchError(table.SXid(code, false)), nil
		}
		return xidError(table.Xid(code)), nil
	}
	wanted := strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(reason)))
	var known []string
	for _, check := range checks.All(table) {
		doc := check.Doc()
		for _, each := range doc.Reasons {
			if each.Name == wanted {
				return found(doc, each), nil
			}
			if !strings.Contains(each.Name, "…") {
				known = append(known, each.Name)
			}
		}
	}
	slices.Sort(known)
	return "", fmt.Errorf("nothing gives the reason %q; there are XID_<code>, SXID_<code>, %s", reason, strings.Join(known, ", "))
}

func found(doc checks.Doc, reason checks.Reason) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n\n", reason.Name, reason.Means)
	line(&out, "found by", fmt.Sprintf("the check %s, which looks for %s", doc.Name, doc.Finds))
	line(&out, "counts", doc.When)
	line(&out, "state", state(reason.Severity))
	line(&out, "cure", string(reason.Action))
	line(&out, "in mode protect", done(reason.Severity, reason.Action))
	line(&out, "why", doc.Why)
	line(&out, "source", doc.Source)
	return out.String()
}

func xidError(policy xid.Policy) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n\n", policy.Reason(), policy.Name)
	if policy.Note != "" {
		fmt.Fprintf(&out, "%s\n\n", policy.Note)
	}
	line(&out, "concerns", string(policy.Scope))
	if policy.Count > 1 {
		line(&out, "counts", fmt.Sprintf("from %d within %s on", policy.Count, policy.Window))
	}
	if policy.Disputed() {
		line(&out, "disputed", "sources disagree, so the driver's own recovery verdict decides; only a driver that has none leaves it to the following")
	}
	severity := finding.Note
	if policy.Impairs() {
		severity = finding.Impaired
	}
	line(&out, "state", state(severity))
	line(&out, "cure", string(policy.Action))
	line(&out, "in mode protect", done(severity, policy.Action))
	line(&out, "AWS", opinion(policy.AWS, "calls it fatal"))
	line(&out, "device plugin", opinion(policy.Plugin, "takes it for an application's error"))
	line(&out, "NVIDIA", "immediate action "+policy.NVIDIA)
	if policy.Overruled {
		line(&out, "settings", "this deployment's settings overrule the table")
	}
	line(&out, "source", "https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html, 2026-11-24")
	return out.String()
}

func switchError(policy xid.Policy) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s, of an NVSwitch\n\n", policy.Reason(), policy.Name)
	if policy.Note != "" {
		fmt.Fprintf(&out, "%s\n\n", policy.Note)
	}
	severity := finding.Note
	if policy.Impairs() {
		severity = finding.Impaired
	}
	line(&out, "concerns", string(policy.Scope))
	line(&out, "class", policy.NVIDIA)
	line(&out, "state", state(severity))
	line(&out, "cure", string(policy.Action))
	line(&out, "in mode protect", done(severity, policy.Action))
	line(&out, "source", "https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/, 2026-11-24")
	return out.String()
}

func line(out *strings.Builder, name, text string) {
	if text != "" {
		fmt.Fprintf(out, "%-16s %s\n", name, text)
	}
}

func opinion(opinion, says string) string {
	if opinion == "-" || opinion == "" {
		return "says nothing of it"
	}
	return says
}

func state(severity finding.Severity) string {
	switch severity {
	case finding.Impaired:
		return "IMPAIRED: workers on the host stop taking work for what is concerned"
	case finding.Unknown:
		return "INSUFFICIENT_DATA: nothing is done for what is not known"
	default:
		return "unchanged: it is noted, and shown in /v1/health"
	}
}

func done(severity finding.Severity, action finding.Action) string {
	if severity == finding.Impaired && action.Drains() {
		return "the container instance is set to DRAINING, if the breaker has a place, and then replaced by its group"
	}
	return "nothing"
}
