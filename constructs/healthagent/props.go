package healthagent

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// The modes of the agent.
const (
	// ModeObserve says what it would do.
	ModeObserve = "observe"
	// ModeProtect does it.
	ModeProtect = "protect"
)

// Props of a [HealthAgent].
type Props struct {
	// Cluster whose instances are watched.
	//
	// Required.
	Cluster awsecs.ICluster
	// Image of the agent, for linux/amd64.
	//
	// Required.
	Image awsecs.ContainerImage
	// Groups of the instances, whose members may be marked unhealthy.
	//
	// Required.
	Groups []awsautoscaling.IAutoScalingGroup
	// Settings of the agent. Cluster and NodeStatusFile are filled in from here;
	// the mode decides what the agent may do.
	//
	// Default: - mode observe.
	Settings settings.Agent
	// NodeStatusPath is the folder on the host that workers read.
	//
	// Default: gpucapacity.DefaultNodeStatusPath.
	NodeStatusPath string
	// NVMLLibrary is the driver's library on the host.
	//
	// Default: /usr/lib64/libnvidia-ml.so.1, where the ECS-optimised Amazon Linux 2023 GPU image has it.
	NVMLLibrary string
	// CPU units of the agent.
	//
	// Default: 128.
	CPU int
	// MemoryMiB of the agent, a hard limit.
	//
	// Default: 128.
	MemoryMiB int
	// LogRetention of the log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
}

func (p Props) withDefaults() Props {
	orElse(&p.NodeStatusPath, hostpaths.NodeStatus)
	orElse(&p.NVMLLibrary, "/usr/lib64/libnvidia-ml.so.1")
	orElse(&p.CPU, 128)
	orElse(&p.MemoryMiB, 128)
	orElse(&p.Settings.Mode, ModeObserve)
	return p
}

func orElse[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
