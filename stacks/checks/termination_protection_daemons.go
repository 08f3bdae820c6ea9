package checks

import (
	"fmt"
	"slices"
)

func terminationProtectionDaemons() rule {
	return rule{Rule{
		Name:     "termination-protection-daemons",
		Severity: Error,
		What: "Where a capacity provider manages termination protection, its group protects new instances from scale-in, managed scaling is on, " +
			"and what runs on each instance is a service with the DAEMON strategy. Such a daemon is a warning all the same.",
		Why: "The setting does nothing without the other two. ECS lets an instance go when its last task has ended, and does not count tasks of DAEMON services; " +
			"an agent deployed as REPLICA does count, and keeps every idle GPU instance running and paid for. " +
			"With daemons, too, ECS is reported not always to take the protection off: watch idle instances.",
		Source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html, " +
			"https://github.com/aws/containers-roadmap/issues/2814 (open)",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			for _, p := range g.providers {
				if p.Prop("AutoScalingGroupProvider", "ManagedTerminationProtection").Is("ENABLED") {
					c.judgeProtection(g, p)
					c.judgeDaemons(g, p)
				}
			}
		}
	}}
}

func (c *checker) judgeProtection(g *group, provider *resource) {
	if !provider.Prop("AutoScalingGroupProvider", "ManagedScaling", "Status").Is("ENABLED") {
		c.report(provider, problem{
			found:    "ManagedTerminationProtection ENABLED without managed scaling",
			expected: "ManagedScaling.Status ENABLED", fix: "turn both on or both off",
		})
	}
	if !g.Prop("NewInstancesProtectedFromScaleIn").IsTrue() {
		c.report(g.resource, problem{
			found:    "no NewInstancesProtectedFromScaleIn, but managed termination protection on " + provider.Path,
			expected: "true", fix: "turn both on or both off",
		})
	}
}

func (c *checker) judgeDaemons(g *group, provider *resource) {
	for _, s := range c.fleet().services {
		switch {
		case !slices.Contains(s.groups, g) || len(s.strategy) > 0:
		case s.daemon:
			c.report(provider, problem{
				found:    fmt.Sprintf("ManagedTerminationProtection ENABLED with the daemon service %s on the cluster", s.Path),
				expected: "DISABLED, or a look at idle instances",
				fix:      "turn it off, or accept this with the reason why instances that hold daemons alone are let go", warning: true,
			})
		default:
			c.report(s.resource, problem{
				found:    "a REPLICA service without a capacity provider, on instances whose termination protection ECS manages",
				expected: "the DAEMON strategy, or a capacity provider", fix: "make it a daemon if it runs on each instance; its tasks keep idle instances alive",
			})
		}
	}
}
