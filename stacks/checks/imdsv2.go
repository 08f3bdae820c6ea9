package checks

import "fmt"

func imdsV2() rule {
	return rule{Rule{
		Name:     "imdsv2",
		Severity: Error,
		What:     "Launch templates and instances require tokens for the instance metadata (HttpTokens: required).",
		Why:      "Version 1 answers a plain GET, so that one server-side request forgery hands out the instance's credentials.",
		Source:   "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
		Checked:  read,
	}, func(c *checker) {
		for _, r := range c.All(typeLaunchTemplate, typeLaunchConfig) {
			c.requireTokens(r, launchData(r))
		}
		for _, r := range c.All(typeInstance) {
			// What an instance says itself wins over its launch template, which was
			// looked at above.
			if r.Prop("MetadataOptions").Exists() || r.Prop("LaunchTemplate").Ref(typeLaunchTemplate) == nil {
				c.requireTokens(r, r.Prop())
			}
		}
	}}
}

const typeInstance = "AWS::EC2::Instance"

func (c *checker) requireTokens(r *resource, data value) {
	tokens := data.At("MetadataOptions", "HttpTokens")
	if tokens.Is("required") || data.At("MetadataOptions", "HttpEndpoint").Is("disabled") {
		return
	}
	found := "no HttpTokens"
	if text := tokens.Text(); text != "" {
		found = fmt.Sprintf("HttpTokens %s", text)
	}
	c.report(r, problem{found: found, expected: "HttpTokens required", fix: "require IMDSv2"})
}
