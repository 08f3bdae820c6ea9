package checks

import "fmt"

func desiredCountZero() rule {
	return rule{Rule{
		Name:     "desired-count-zero",
		Severity: Error,
		What:     "Services of workers carry DesiredCount 0 in the template.",
		Why: "CloudFormation waits until a service is stable, up to 3 hours, and busy tasks are protected for longer; " +
			"a count above 0 also starts GPUs that nobody asked for. The controller restores counts after a deploy.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html",
		Checked: read,
	}, func(c *checker) {
		for _, s := range c.fleet().services {
			if count, known := s.Prop("DesiredCount").NumberOr(1); s.worker() && known && count != 0 {
				found := fmt.Sprintf("DesiredCount %g", count)
				if !s.Prop("DesiredCount").Exists() {
					found = "no DesiredCount, which means 1"
				}
				c.report(s.resource, problem{
					found: found, expected: "0", fix: "write 0; scale.minimum keeps tasks warm", key: "scale.minimum",
				})
			}
		}
	}}
}
