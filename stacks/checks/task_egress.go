package checks

import (
	"fmt"
	"strings"
)

func taskEgress() rule {
	return rule{Rule{
		Name:     "task-egress",
		Severity: Error,
		What: "Instances of an ECS group and tasks in awsvpc mode have a default route through NAT, or the endpoints that they need: " +
			"instances ecs, ecs-agent, ecs-telemetry, ecr.api, ecr.dkr, s3 and logs, tasks those that their role lets them call. " +
			"With endpoints alone images come from ECR.",
		Why: "A task in awsvpc mode on EC2 never gets a public address. Without a way out the instance does not join the cluster, " +
			"or the task never pulls its image: tasks stay PROVISIONING or PENDING, and instances are paid for.",
		Source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html, " +
			"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			firstOf(subnets(g.Prop("VPCZoneIdentifier")), func(subnet *resource) bool { return c.judgeInstanceEgress(g, subnet) })
		}
		for _, s := range c.fleet().services {
			c.judgePublicAddress(s)
			firstOf(subnets(s.Prop("NetworkConfiguration", "AwsvpcConfiguration", "Subnets")), func(subnet *resource) bool { return c.judgeTaskEgress(s, subnet) })
		}
	}}
}

func (c *checker) judgeInstanceEgress(g *group, subnet *resource) (flawed bool) {
	// An instance in a public subnet may have an address of its own.
	if c.egress(subnet) != noExit {
		return false
	}
	needed := []string{"ecs", "ecs-agent", "ecs-telemetry", "ecr.api", "ecr.dkr", "s3", "logs"}
	missing := without(needed, c.endpoints(subnet))
	if len(missing) > 0 {
		c.report(g.resource, problem{
			found:    fmt.Sprintf("%s without a default route and without endpoints for %s", subnet.Path, strings.Join(missing, ", ")),
			expected: "a way to ECS and to images", fix: "add the endpoints or use NAT", config: "network.egress",
		})
	}
	return len(missing) > 0
}

func (c *checker) judgePublicAddress(s *service) {
	if len(s.groups) > 0 && s.Prop("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp").Is("ENABLED") {
		c.report(s.resource, problem{
			found: "AssignPublicIp ENABLED on EC2", expected: "DISABLED: only Fargate gives addresses", fix: "use private subnets", config: "network.egress",
		})
	}
}

func (c *checker) judgeTaskEgress(s *service, subnet *resource) (flawed bool) {
	through := c.egress(subnet)
	public := s.Prop("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp").Is("ENABLED")
	if s.task == nil || through == anyExit || through == publicExit && public && len(s.groups) == 0 {
		return false
	}
	needed := c.called(s.task.Prop("TaskRoleArn").Ref(typeRole))
	if missing := without(needed, c.endpoints(subnet)); len(missing) > 0 {
		flawed = true
		c.report(s.resource, problem{
			found:    fmt.Sprintf("%s without a route through NAT and without endpoints for %s", subnet.Path, strings.Join(missing, ", ")),
			expected: "a way to all that the task calls", fix: "add the endpoints or use NAT", config: "network.egress",
		})
	}
	for _, container := range containers(s.task) {
		if image := container.At("Image").Text(); image != "" && !fromECR(container.At("Image")) {
			flawed = true
			c.report(s.resource, problem{
				found:    fmt.Sprintf("image %s and %s without a route through NAT", image, subnet.Path),
				expected: "an image in ECR", fix: "copy it to ECR or use NAT", key: "image.uri",
			})
		}
	}
	return flawed
}

// fromECR is whether an image is pulled from a private repository of AWS. One
// whose name is not known yet is taken for such.
func fromECR(image value) bool {
	text := image.Text()
	return strings.Contains(text, ".dkr.ecr") || strings.HasPrefix(text, "${")
}
