package checks

import "fmt"

func desiredCapacity() rule {
	return rule{Rule{
		Name:     "desired-capacity",
		Severity: Error,
		What:     "Groups behind an ECS capacity provider leave DesiredCapacity out and have a minimum size of 0.",
		Why: "A desired capacity in the template is set again by every deploy, which ends instances that are working. " +
			"A minimum above 0 pays for idle GPUs day and night.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-autoscalinggroup.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			if len(g.providers) == 0 {
				continue
			}
			if desired := g.Prop("DesiredCapacity"); desired.Exists() {
				c.report(g.resource, problem{
					found: "DesiredCapacity " + desired.Text(), expected: "none", fix: "leave it to the controller and to ECS",
				})
			}
			if least, known := g.Prop("MinSize").Number(); known && least > 0 {
				c.report(g.resource, problem{
					found: fmt.Sprintf("MinSize %g", least), expected: "0", fix: "raise the minimum of the worker or service that needs instances",
				})
			}
		}
	}}
}
