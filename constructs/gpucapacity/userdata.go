package gpucapacity

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// userData configures the ECS agent, which starts after it has ended
// (ecs.service is ordered after cloud-final.service). The CDK adds the line
// that names the cluster.
func (c *GPUCapacity) userData() awsec2.UserData {
	data := awsec2.UserData_ForLinux(nil)
	var commands []string
	for _, setting := range c.agentSettings() {
		commands = append(commands, "echo "+setting+" >> /etc/ecs/ecs.config")
	}
	commands = append(commands,
		fmt.Sprintf("install -d -m 0755 '%s'", c.props.NodeStatusPath),
		fmt.Sprintf("install -d -m 0755 -o %[1]d -g %[1]d '%[2]s'", WorkerUser, c.props.WeightsPath))
	data.AddCommands(*jsii.Strings(append(commands, c.prePull()...)...)...)
	return data
}

func (c *GPUCapacity) agentSettings() []string {
	return []string{
		"ECS_ENABLE_GPU_SUPPORT=true",
		// The CDK's SpotInstanceDraining writes nothing for a mixed instances policy.
		"ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
		// Tasks have roles of their own and never need the instance's.
		"ECS_AWSVPC_BLOCK_IMDS=true",
		"ECS_IMAGE_PULL_BEHAVIOR=prefer-cached",
		// For containers that name no timeout: a spot notice leaves two minutes.
		"ECS_CONTAINER_STOP_TIMEOUT=110s",
		fmt.Sprintf("ECS_RESERVED_MEMORY=%d", c.props.ReservedMemoryMiB),
		// A worker's containers are replaced often; their layers should not stay for three hours.
		"ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=30m",
	}
}

// prePull pulls all images at once and waits. An image that cannot be pulled
// only costs the time: ECS pulls it again when a task needs it.
func (c *GPUCapacity) prePull() []string {
	if len(c.props.PrePull) == 0 {
		return nil
	}
	commands := []string{"systemctl start docker"}
	region := *awscdk.Stack_Of(c.construct).Region()
	for _, registry := range registries(c.props.PrePull) {
		commands = append(commands, fmt.Sprintf(
			"aws ecr get-login-password --region %s | docker login --username AWS --password-stdin %s || true", region, registry))
	}
	for _, image := range c.props.PrePull {
		commands = append(commands, fmt.Sprintf("timeout 600 docker pull --quiet '%s' &", image))
	}
	return append(commands, "wait")
}

// registries are the private ECR registries of images, each once.
func registries(images []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, image := range images {
		registry := registryOf(image)
		if registry != "" && !seen[registry] {
			seen[registry] = true
			all = append(all, registry)
		}
	}
	return all
}

// registryOf returns the host of an image in private ECR, or nothing. An image
// whose name is known only at deploy time is an asset, and those are in ECR.
func registryOf(image string) string {
	if *awscdk.Token_IsUnresolved(image) {
		return *awscdk.Fn_Select(jsii.Number(0), awscdk.Fn_Split(jsii.String("/"), jsii.String(image), nil))
	}
	host, _, found := strings.Cut(image, "/")
	if !found || !strings.Contains(host, ".dkr.ecr.") {
		return ""
	}
	return host
}
