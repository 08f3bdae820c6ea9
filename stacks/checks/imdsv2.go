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
		for _, r := range c.all(typeLaunchTemplate, typeLaunchConfig) {
			c.requireTokens(r, launchData(r))
		}
		for _, r := range c.all(typeInstance) {
			// What an instance says itself wins over its launch template, which was
			// looked at above.
			if r.prop("MetadataOptions").exists() || r.prop("LaunchTemplate").ref(typeLaunchTemplate) == nil {
				c.requireTokens(r, r.prop())
			}
		}
	}}
}

const typeInstance = "AWS::EC2::Instance"

func (c *checker) requireTokens(r *resource, data value) {
	tokens := data.at("MetadataOptions", "HttpTokens")
	if tokens.is("required") || data.at("MetadataOptions", "HttpEndpoint").is("disabled") {
		return
	}
	found := "no HttpTokens"
	if text := tokens.text(); text != "" {
		found = fmt.Sprintf("HttpTokens %s", text)
	}
	c.report(r, problem{found: found, expected: "HttpTokens required", fix: "require IMDSv2"})
}
