package modelservice

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// WarmContainer is the name of the container that warms the model up.
const WarmContainer = "warm"

// healthPort is where the load balancer asks for a task's health.
func (m *ModelService) healthPort() int {
	if m.props.WarmUp != nil {
		return settings.WarmPort
	}
	return m.props.Port
}

// addWarmUp adds what keeps the load balancer's requests from a model that is
// cold. The containers of a task share a network.
func (m *ModelService) addWarmUp(task awsecs.TaskDefinition) {
	program := settings.Warm{
		Endpoint: fmt.Sprintf("http://127.0.0.1:%d", m.props.Port), HealthPath: m.props.HealthPath,
		Path: m.props.WarmUp.Path, Body: m.props.WarmUp.Body,
	}
	if m.props.WarmUp.Timeout != nil {
		program.Timeout = time.Duration(secondsOf(m.props.WarmUp.Timeout) * float64(time.Second))
	}
	// It waits by itself, so it depends on nothing: on a stop the model would be
	// told only once this container has gone, out of the time of a spot notice.
	task.AddContainer(jsii.String(WarmContainer), &awsecs.ContainerDefinitionOptions{
		Image:                m.props.WorkerImage,
		Command:              jsii.Strings(settings.WorkerWarm),
		Environment:          containers.Environment(m.construct, settings.Encode(program)),
		Essential:            jsii.Bool(false),
		EnableRestartPolicy:  jsii.Bool(true),
		RestartAttemptPeriod: seconds(60),
		Cpu:                  jsii.Number(warmCPU), MemoryReservationMiB: jsii.Number(warmMiB), MemoryLimitMiB: jsii.Number(warmLimitMiB),
		User:                   jsii.String(fmt.Sprintf("%[1]d:%[1]d", hostpaths.User)),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        containers.Unprivileged(m.construct, "WarmLinux"),
		DockerSecurityOptions:  jsii.Strings(containers.NoNewPrivileges),
		PortMappings:           &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(settings.WarmPort)}},
		StopTimeout:            awscdk.Duration_Seconds(jsii.Number(10)),
		Logging:                containers.LogTo(m.logs),
	})
}
