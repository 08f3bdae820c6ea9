package constructstest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Statement is one allowed action of a template's inline policies on one
// resource, the resource as JSON where it is an intrinsic function.
type Statement struct {
	Policy, Action, Resource string
}

// Statements returns what the AWS::IAM::Policy resources of a template allow,
// sorted: one entry for each pair of action and resource.
func (d Document) Statements(t testing.TB) []Statement {
	t.Helper()
	var all []Statement
	for _, policy := range d.All("AWS::IAM::Policy") {
		for _, statement := range At(t, policy.Properties, "PolicyDocument", "Statement").([]any) {
			for _, action := range listed(At(t, statement, "Action")) {
				for _, resource := range listed(At(t, statement, "Resource")) {
					all = append(all, Statement{policy.ID, fmt.Sprint(action), text(t, resource)})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Statement) int {
		return strings.Compare(a.Policy+a.Action+a.Resource, b.Policy+b.Action+b.Resource)
	})
	return all
}

// Allowed returns the resources of an action in the policies whose logical ID
// has a prefix.
func (d Document) Allowed(t testing.TB, policyPrefix, action string) []string {
	t.Helper()
	var resources []string
	for _, statement := range d.Statements(t) {
		if strings.HasPrefix(statement.Policy, policyPrefix) && statement.Action == action {
			resources = append(resources, statement.Resource)
		}
	}
	return resources
}

// Wildcards returns the statements that allow an action with a star in its name.
func (d Document) Wildcards(t testing.TB) []Statement {
	t.Helper()
	return slices.DeleteFunc(d.Statements(t), func(s Statement) bool { return !strings.Contains(s.Action, "*") })
}

func listed(value any) []any {
	if list, isList := value.([]any); isList {
		return list
	}
	return []any{value}
}

func text(t testing.TB, value any) string {
	if plain, isString := value.(string); isString {
		return plain
	}
	return Text(t, value)
}
