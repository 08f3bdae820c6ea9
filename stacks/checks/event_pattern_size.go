package checks

import "fmt"

const (
	typeRule = "AWS::Events::Rule"

	eventPattern = 2048
	eventTargets = 5
)

func eventPatternSize() rule {
	return rule{Rule{
		Name:     "event-pattern-size",
		Severity: Error,
		What:     "An event rule's pattern has at most 2,048 characters, and the rule at most 5 targets. Names that CloudFormation makes are estimated.",
		Why:      "EventBridge refuses the rule in the middle of a deploy. Each suffix of a document trigger repeats its prefix in the pattern.",
		Source:   "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
		Checked:  read,
	}, func(c *checker) {
		for _, r := range c.All(typeRule) {
			if pattern := r.Prop("EventPattern"); pattern.Exists() && pattern.JSONLength() > eventPattern {
				c.report(r, problem{
					found: fmt.Sprintf("a pattern of about %d characters", pattern.JSONLength()), expected: fmt.Sprintf("%d at most", eventPattern),
					fix: "name fewer suffixes or a shorter prefix", key: "suffixes",
				})
			}
			if targets := len(r.Prop("Targets").List()); targets > eventTargets {
				c.report(r, problem{
					found: fmt.Sprintf("%d targets", targets), expected: fmt.Sprintf("%d at most", eventTargets), fix: "make a second rule",
				})
			}
		}
	}}
}
