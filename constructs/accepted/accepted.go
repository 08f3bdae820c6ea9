// Package accepted writes down, on the resource itself, why a finding of a
// template checker is accepted: the rule, the reason, and nothing silent. Both
// cdk-nag and checkov read it from the resource's metadata, so one reason
// serves both and is visible in the template.
//
// Which findings are acceptable is each construct's decision.
package accepted

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Finding is one rule that a resource breaks on purpose.
type Finding struct {
	// Rule, such as AwsSolutions-IAM5 (cdk-nag) or CKV_AWS_116 (checkov). Required.
	Rule string
	// Reason in a whole sentence of at least ten characters. Required.
	Reason string
	// AppliesTo limits a cdk-nag rule to single findings, such as
	// Resource::*. Default: all findings of the rule on this resource.
	AppliesTo []string
}

// On records findings on every resource at or below a construct that exists
// by now, so it is called after the construct is complete.
func On(scope constructs.IConstruct, findings ...Finding) {
	// Asking for what is below a resource, which is nothing, costs two calls of jsii.
	if resource, ok := scope.(awscdk.CfnResource); ok {
		record(resource, findings)
		return
	}
	OnEach(scope, func(awscdk.CfnResource) []Finding { return findings })
}

// OnEach is [On] where the findings depend on the resource. A switch over the
// resource's Go type tells them apart and asks jsii nothing; one over
// CfnResourceType would ask for each.
func OnEach(scope constructs.IConstruct, findings func(resource awscdk.CfnResource) []Finding) {
	for _, child := range *scope.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		if resource, ok := child.(awscdk.CfnResource); ok {
			record(resource, findings(resource))
		}
	}
}

func record(resource awscdk.CfnResource, findings []Finding) {
	var nag, checkov []any
	for _, finding := range findings {
		if len(finding.Reason) < 10 {
			panic(*resource.Node().Path() + ": accepting " + finding.Rule + " needs a reason")
		}
		if isCheckov(finding.Rule) {
			checkov = append(checkov, map[string]any{"id": finding.Rule, "comment": finding.Reason})
			continue
		}
		entry := map[string]any{"id": finding.Rule, "reason": finding.Reason}
		if len(finding.AppliesTo) > 0 {
			entry["applies_to"] = finding.AppliesTo
		}
		nag = append(nag, entry)
	}
	extend(resource, "cdk_nag", "rules_to_suppress", nag)
	extend(resource, "checkov", "skip", checkov)
}

func isCheckov(rule string) bool {
	return len(rule) > 4 && rule[:4] == "CKV_" || len(rule) > 5 && rule[:5] == "CKV2_"
}

func extend(resource awscdk.CfnResource, tool, list string, added []any) {
	if len(added) == 0 {
		return
	}
	merged := added
	if known, ok := resource.GetMetadata(&tool).(map[string]any); ok {
		if before, ok := known[list].([]any); ok {
			merged = append(append([]any{}, before...), added...)
		}
	}
	resource.AddMetadata(&tool, map[string]any{list: merged})
}
