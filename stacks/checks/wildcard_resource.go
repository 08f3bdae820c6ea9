package checks

import (
	"fmt"
	"strings"
)

func wildcardResource() rule {
	return rule{Rule{
		Name:     "wildcard-resource",
		Severity: Error,
		What: "A role's policy that allows something on every resource says why, in the metadata of the policy: " +
			"a reason for cdk-nag's AwsSolutions-IAM5.",
		Why:     "Some actions know no resource, such as autoscaling:Describe*. For all others a star is a hole, and only a written reason tells them apart.",
		Source:  "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
		Checked: read,
		Accepts: []string{"AwsSolutions-IAM5"},
	}, func(c *checker) {
		for _, s := range c.identityPolicies() {
			everything := s.notResource
			for _, r := range s.resources {
				everything = everything || r.Is("*")
			}
			if everything {
				c.report(s.on, problem{
					found:    fmt.Sprintf("%s on every resource", shorten(s.actions)),
					expected: "resources by name, or a written reason", fix: "name them, or accept AwsSolutions-IAM5 on this policy with a reason",
				})
			}
		}
	}}
}

// shorten names the first actions of a list.
func shorten(actions []string) string {
	const most = 3
	if len(actions) > most {
		return fmt.Sprintf("%s and %d more actions", strings.Join(actions[:most], ", "), len(actions)-most)
	}
	return strings.Join(actions, ", ")
}
