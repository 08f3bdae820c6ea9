package checks

import (
	"slices"
	"strings"
)

func capacityTeardown() rule {
	return rule{Rule{
		Name:     "capacity-teardown",
		Severity: Error,
		What:     "A custom resource that empties the group refers to each Auto Scaling group behind an ECS capacity provider, so that it is deleted before the group.",
		Why: "Scale-in protection that ECS has set and lifecycle hooks of managed draining outlive the capacity provider: " +
			"the deletion of the stack waits for instances that never end, and fails after an hour.",
		Source:  "https://github.com/aws/containers-roadmap/issues/2862",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			if len(g.providers) > 0 && !c.emptied(g) {
				c.report(g.resource, problem{
					found: "no custom resource that refers to the group", expected: "one that takes off protection and hooks and empties it",
					fix: "add it to the construct of the group",
				})
			}
		}
	}}
}

// emptied is whether some custom resource names the group in its properties.
func (c *checker) emptied(g *group) bool {
	for kind, resources := range c.ByType {
		if kind != "AWS::CloudFormation::CustomResource" && !strings.HasPrefix(kind, "Custom::") {
			continue
		}
		for _, r := range resources {
			for _, key := range r.Prop().Keys() {
				if key != "ServiceToken" && slices.Contains(r.Prop(key).Refs(), g.resource) {
					return true
				}
			}
		}
	}
	return false
}
