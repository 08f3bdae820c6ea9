package checks

func healthGrace() rule {
	return rule{Rule{
		Name:     "health-grace",
		Severity: Error,
		What:     "A GPU service behind a load balancer has a grace period for health checks and a deployment circuit breaker.",
		Why: "Without grace ECS kills a task while its model still loads, and starts another, for ever. " +
			"Without a breaker the deploy of a broken image takes 3 hours to fail.",
		Source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html, " +
			"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
		Checked: read,
	}, func(c *checker) {
		for _, s := range c.fleet().services {
			if !s.balanced || s.task == nil || reserved(s.task).gpus == 0 {
				continue
			}
			if seconds, known := s.Prop("HealthCheckGracePeriodSeconds").NumberOr(0); known && seconds <= 0 {
				c.report(s.resource, problem{
					found: "no HealthCheckGracePeriodSeconds", expected: "the time in which the model loads", fix: "set it", key: "coldStart",
				})
			}
			if !s.Prop("DeploymentConfiguration", "DeploymentCircuitBreaker", "Enable").IsTrue() {
				c.report(s.resource, problem{
					found: "no deployment circuit breaker", expected: "one that rolls back", fix: "enable it", warning: true,
				})
			}
		}
	}}
}
