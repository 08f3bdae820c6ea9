package checks

func taskIMDS() rule {
	return rule{Rule{
		Name:     "task-imds",
		Severity: Error,
		What:     "Instances of an ECS group set ECS_AWSVPC_BLOCK_IMDS=true in their user data.",
		Why:      "Without it every task, and whoever gets into a model container, can fetch the credentials of the instance's role.",
		Source:   "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html",
		Checked:  read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			c.requireAgentSetting(g, "ECS_AWSVPC_BLOCK_IMDS", "awsvpc-block-imds")
		}
	}}
}
