package checks

import (
	"fmt"
	"strings"
)

func wildcardAction() rule {
	return rule{Rule{
		Name:     "wildcard-action",
		Severity: Error,
		What:     "No policy allows *, all actions of a service (s3:*), or all but some (NotAction). No reason is accepted.",
		Why:      "What a program may do should be read from its policy; with a star it also may do what AWS adds next year.",
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
		Checked:  read,
		Strict:   true,
	}, func(c *checker) {
		for _, s := range append(c.identityPolicies(), c.resourcePolicies()...) {
			if s.notAction {
				c.report(s.on, problem{found: "NotAction in a statement that allows", expected: "the actions by name", fix: "list them"})
			}
			for _, action := range s.actions {
				if _, name, _ := strings.Cut(action, ":"); action == "*" || name == "*" {
					c.report(s.on, problem{found: fmt.Sprintf("action %q", action), expected: "the actions by name", fix: "list them"})
				}
			}
		}
	}}
}
