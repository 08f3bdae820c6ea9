package checks

import "fmt"

func terminationProtectionDaemons() rule {
	return rule{Rule{
		Name:     "termination-protection-daemons",
		Severity: Error,
		What: "Managed termination protection is off where the cluster runs a daemon service. " +
			"Where it is on, managed scaling is on too and the group protects new instances from scale-in.",
		Why: "ECS should ignore daemon tasks and unprotect an instance when its last other task has ended. In practice it sets the protection " +
			"and does not reliably take it off instances that hold daemon tasks only, so that idle GPU instances stay and are paid for. " +
			"Busy tasks are better kept by task scale-in protection. Without managed scaling and the group's own protection, the setting does not work at all.",
		Source: "https://github.com/aws/containers-roadmap/issues/2814, " +
			"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			for _, p := range g.providers {
				if p.prop("AutoScalingGroupProvider", "ManagedTerminationProtection").is("ENABLED") {
					c.judgeProtection(g, p)
				}
			}
		}
	}}
}

func (c *checker) judgeProtection(g *group, provider *resource) {
	for _, daemon := range c.fleet().daemons(g.cluster) {
		c.report(provider, problem{
			found:    fmt.Sprintf("ManagedTerminationProtection ENABLED with the daemon service %s on the cluster", daemon.path),
			expected: "DISABLED", fix: "turn it off; task scale-in protection keeps busy tasks",
		})
	}
	if !provider.prop("AutoScalingGroupProvider", "ManagedScaling", "Status").is("ENABLED") {
		c.report(provider, problem{
			found:    "ManagedTerminationProtection ENABLED without managed scaling",
			expected: "ManagedScaling.Status ENABLED", fix: "turn both on or both off",
		})
	}
	if !g.prop("NewInstancesProtectedFromScaleIn").isTrue() {
		c.report(g.resource, problem{
			found:    "no NewInstancesProtectedFromScaleIn, but managed termination protection on " + provider.path,
			expected: "true", fix: "turn both on or both off",
		})
	}
}
