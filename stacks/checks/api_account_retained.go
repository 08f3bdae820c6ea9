package checks

func apiAccountRetained() rule {
	return rule{Rule{
		Name:     "api-account-retained",
		Severity: Error,
		What:     "AWS::ApiGateway::Account occurs once at most, and with DeletionPolicy Retain.",
		Why: "There is one such setting in an account and region. Deleting it with one environment takes the logs of every other API there, " +
			"and of two stacks that own it the last one wins.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html",
		Checked: read,
	}, func(c *checker) {
		for i, r := range c.All("AWS::ApiGateway::Account") {
			if !r.At("DeletionPolicy").Is("Retain") {
				c.report(r, problem{
					found: "DeletionPolicy " + orNone(r.At("DeletionPolicy")), expected: "Retain", fix: "retain it",
				})
			}
			if i > 0 {
				c.report(r, problem{
					found: "a second AWS::ApiGateway::Account", expected: "one", fix: "share the first, " + c.All(r.Type)[0].Path,
				})
			}
		}
	}}
}
