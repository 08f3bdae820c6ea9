package checks

func capacityRebalance() rule {
	return rule{Rule{
		Name:     "capacity-rebalance",
		Severity: Error,
		What:     "Spot groups of ECS leave capacity rebalancing off.",
		Why: "Rebalancing takes instances away on a mere recommendation, and ECS gets no notice of it: " +
			"jobs would end without SIGTERM on instances that might have lived for days. The controller decides instead.",
		Source:  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/spot-instance-draining-linux-container.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			if g.spot && g.Prop("CapacityRebalance").IsTrue() {
				c.report(g.resource, problem{
					found: "CapacityRebalance true", expected: "false or nothing",
					fix: "turn it off; the ECS agent drains on the two-minute notice",
				})
			}
		}
	}}
}
