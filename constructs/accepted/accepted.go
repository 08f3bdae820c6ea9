// Package accepted writes down, on the resource itself, why a finding of a
// template checker is accepted: the rule, the reason, and nothing silent. Both
// cdk-nag and checkov read it from the resource's metadata, so one reason
// serves both and is visible in the template.
//
// Which findings are acceptable is each construct's decision.
package accepted

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
// by now, so it is called after the construct is complete. Findings that were
// recorded before stay.
func On(scope constructs.IConstruct, findings ...Finding) {
	each(scope, extend, func(awscdk.CfnResource) []Finding { return findings })
}

// OnResource records findings on the one resource that a construct stands for.
// It asks jsii for less than [On] does, and so not for what was recorded there
// before: that is replaced, and whatever a construct accepts on a resource
// belongs into one call.
func OnResource(construct constructs.IConstruct, findings ...Finding) {
	resource, ok := construct.(awscdk.CfnResource)
	if !ok {
		if resource, ok = construct.Node().DefaultChild().(awscdk.CfnResource); !ok {
			panic(*construct.Node().Path() + ": no one resource stands for it; say by accepted.OnEach which are meant")
		}
	}
	record(resource, findings, add)
}

// OnPolicies records findings on the policies of a role that exist by now:
// what the role itself says is seldom what a rule finds. Findings that were
// recorded before stay, as several constructs grant to one role.
func OnPolicies(role awsiam.IRole, findings ...Finding) {
	each(role, extend, func(resource awscdk.CfnResource) []Finding {
		if _, ok := resource.(awsiam.CfnPolicy); ok {
			return findings
		}
		return nil
	})
}

// OnEach is [OnResource] for all resources at or below a construct. A switch
// over the resource's Go type tells them apart and asks jsii nothing; one over
// CfnResourceType would ask for each.
func OnEach(scope constructs.IConstruct, findings func(resource awscdk.CfnResource) []Finding) {
	each(scope, add, findings)
}

type writer func(resource awscdk.CfnResource, tool, list string, added []any)

func each(scope constructs.IConstruct, write writer, findings func(resource awscdk.CfnResource) []Finding) {
	for _, child := range *scope.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		if resource, ok := child.(awscdk.CfnResource); ok {
			record(resource, findings(resource), write)
		}
	}
}

func record(resource awscdk.CfnResource, findings []Finding, write writer) {
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
	write(resource, "cdk_nag", "rules_to_suppress", nag)
	write(resource, "checkov", "skip", checkov)
}

func isCheckov(rule string) bool {
	return len(rule) > 4 && rule[:4] == "CKV_" || len(rule) > 5 && rule[:5] == "CKV2_"
}

func add(resource awscdk.CfnResource, tool, list string, added []any) {
	if len(added) > 0 {
		resource.AddMetadata(&tool, map[string]any{list: added})
	}
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
	add(resource, tool, list, merged)
}
