package checks

import (
	"fmt"
	"strings"
)

func spotDraining() rule {
	return rule{Rule{
		Name:     "spot-draining",
		Severity: Error,
		What:     "Instances of an ECS group with spot instances set ECS_ENABLE_SPOT_INSTANCE_DRAINING=true in their user data.",
		Why: "Draining is off by default, and without it tasks are killed with the instance: no SIGTERM, no last checkpoint. " +
			"The CDK's SpotInstanceDraining writes nothing when the group has a mixed instances policy.",
		Source:  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/spot-instance-draining-linux-container.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			if g.spot {
				c.requireAgentSetting(g, "ECS_ENABLE_SPOT_INSTANCE_DRAINING", "enable-spot-instance-draining")
			}
		}
	}}
}

// requireAgentSetting reports the launch templates of a group that do not turn
// a setting of the ECS agent on: a variable in /etc/ecs/ecs.config, or the
// setting of the same meaning on Bottlerocket.
func (c *checker) requireAgentSetting(g *group, variable, bottlerocket string) {
	for _, l := range g.launches {
		found := "no " + variable + " in the user data"
		value, written := agentSetting(l.script, variable)
		if !written {
			value, written = agentSetting(l.script, bottlerocket)
		}
		switch {
		case value == "true":
			continue
		case written:
			found = fmt.Sprintf("%s=%s in the user data", variable, value)
		case l.script == "":
			found = "no user data"
		}
		c.report(l.resource, problem{
			found: found, expected: variable + "=true",
			fix: fmt.Sprintf("append it to /etc/ecs/ecs.config in the user data of %s", g.Path),
		})
	}
}

// agentSetting is what a script sets a variable to last, outside comments.
func agentSetting(script, variable string) (setting string, written bool) {
	for line := range strings.Lines(script) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for rest := line; ; {
			_, after, found := strings.Cut(rest, variable)
			if !found {
				break
			}
			rest = after
			assigned, isAssignment := strings.CutPrefix(strings.TrimLeft(after, " "), "=")
			if !isAssignment {
				continue
			}
			words := strings.FieldsFunc(assigned, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"';&|>", r) })
			setting, written = "", true
			if len(words) > 0 {
				setting = strings.ToLower(words[0])
			}
		}
	}
	return setting, written
}
