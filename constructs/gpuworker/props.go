package gpuworker

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// The modes of a worker.
const (
	// ModeServer keeps the model container running and calls it over HTTP.
	ModeServer = "server"
	// ModeExec runs the command once a job.
	ModeExec = "exec"
)

// The names of the containers.
const (
	ModelContainer  = "model"
	WorkerContainer = "worker"
)

// Weights are model files that are brought onto the host before a container starts.
type Weights = containers.Weights

// Props of a [GPUWorker].
type Props struct {
	// Cluster of the services. It has the capacity providers that are named
	// below; those of Fargate where GPUs is 0.
	//
	// Required.
	Cluster awsecs.ICluster
	// VPC of the cluster.
	//
	// Required.
	VPC awsec2.IVpc
	// Name of the worker in the configuration.
	//
	// Required.
	Name string
	// ModelImage speaks the SageMaker contract, or in exec mode is where the
	// command runs. For linux/amd64.
	//
	// Required.
	ModelImage awsecs.ContainerImage
	// WorkerImage has the worker's program.
	//
	// Required.
	WorkerImage awsecs.ContainerImage
	// MemoryMiB of the model container, a hard limit.
	//
	// Required.
	MemoryMiB int
	// Settings of the worker. Name, Mode, Endpoint, Command, StopTimeout,
	// NodeStatusFile and TaskProtection are filled in from here.
	//
	// Required.
	Settings settings.Worker
	// SpotProviderName of the capacity provider for spot. Has no effect where GPUs is 0.
	//
	// Default: - no service on spot.
	SpotProviderName *string
	// OnDemandProviderName of the capacity provider for on-demand. Has no effect where GPUs is 0.
	//
	// Default: - no service on on-demand.
	OnDemandProviderName *string
	// GPUs that a task reserves.
	//
	// Default: 0, which runs on Fargate Spot and Fargate.
	GPUs int
	// CPU units of the model container, 1024 a vCPU.
	//
	// Default: 1024.
	CPU int
	// WorkerCPU units of the worker. Without a share of its own, a busy model
	// would keep it from renewing leases.
	//
	// Default: 256.
	WorkerCPU int
	// WorkerMemoryMiB of the worker, with the short containers before it.
	//
	// Default: 256.
	WorkerMemoryMiB int
	// SharedMemoryMiB of the model container's /dev/shm, which PyTorch's loaders
	// and NCCL need; part of MemoryMiB. Has no effect on Fargate.
	//
	// Default: a quarter of MemoryMiB.
	SharedMemoryMiB int
	// Mode is ModeServer or ModeExec.
	//
	// Default: ModeServer.
	Mode string
	// Command of the model container; in exec mode, what is run for each job.
	//
	// Default: - the image's own. Required in exec mode.
	Command []string
	// Port of the model server.
	//
	// Default: 8080.
	Port int
	// Environment variables of the model container.
	//
	// Default: - none.
	Environment map[string]string
	// Secrets are environment variables of the model container that ECS reads when it starts.
	//
	// Default: - none.
	Secrets map[string]awsecs.Secret
	// Weights that the model container sees. Not on Fargate, where there is no host to cache them.
	//
	// Default: - none.
	Weights *Weights
	// WeightsPath is the cache on the host.
	//
	// Default: gpucapacity.DefaultWeightsPath.
	WeightsPath string
	// NodeStatusPath is the folder on the host that the health agent writes to.
	//
	// Default: - there is no agent.
	NodeStatusPath string
	// StopTimeout is the time for a last checkpoint, 1 s to 90 s.
	//
	// Default: 85 seconds.
	StopTimeout awscdk.Duration
	// Subnets of the tasks, with a way out: a GPU task never has a public address.
	//
	// Default: - all private subnets with egress.
	Subnets *awsec2.SubnetSelection
	// SecurityGroup of the tasks.
	//
	// Default: - a new one: nothing in, everything out.
	SecurityGroup awsec2.ISecurityGroup
	// LogRetention of the log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
}

func (p Props) withDefaults() Props {
	orElse(&p.CPU, 1024)
	orElse(&p.WorkerCPU, 256)
	orElse(&p.WorkerMemoryMiB, 256)
	orElse(&p.SharedMemoryMiB, p.MemoryMiB/4)
	orElse(&p.Mode, ModeServer)
	orElse(&p.Port, 8080)
	orElse(&p.WeightsPath, hostpaths.Weights)
	if p.StopTimeout == nil {
		p.StopTimeout = awscdk.Duration_Seconds(jsii.Number(85))
	}
	if p.Subnets == nil {
		p.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	return p
}

func (p Props) onFargate() bool { return p.GPUs == 0 }

func orElse[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
