package modelservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
	"tandem/constructs/internal/hostpaths"
)

// ModelContainer is the name of the container.
const ModelContainer = "model"

// What the container that fetches weights reserves beside the model.
const (
	fetchCPU      = 256
	fetchMiB      = 256
	fetchLimitMiB = 512
)

// What the container that warms the model up reserves beside it.
const (
	warmCPU      = 64
	warmMiB      = 64
	warmLimitMiB = 128
)

// Weights are model files that are brought onto the host before a container starts.
type Weights = containers.Weights

// WarmUp is the first request of a task.
type WarmUp struct {
	// Path of the request.
	//
	// Required.
	Path string
	// Body of the request, JSON.
	//
	// Required.
	Body string
	// Timeout of the request, part of ColdStart; one that takes longer is made again.
	//
	// Default: 2 minutes.
	Timeout awscdk.Duration
}

// Props of a [ModelService].
type Props struct {
	// Cluster of the service, with the capacity providers that are named below, and
	// with Container Insights where Minimum is 0.
	//
	// Required.
	Cluster awsecs.ICluster
	// VPC of the cluster.
	//
	// Required.
	VPC awsec2.IVpc
	// Name of the service in the configuration.
	//
	// Required.
	Name string
	// Image of the model server, such as vLLM's. For linux/amd64.
	//
	// Required.
	Image awsecs.ContainerImage
	// GPUs that a task reserves.
	//
	// Required.
	GPUs int
	// MemoryMiB of the container, a hard limit.
	//
	// Required.
	MemoryMiB int
	// Maximum tasks.
	//
	// Required.
	Maximum int
	// Minimum tasks; 0 sleeps when idle.
	//
	// Default: 0.
	Minimum int
	// OnDemandBase tasks run on-demand, those above it on spot.
	//
	// Default: 0, where there is spot; else all run on-demand.
	OnDemandBase int
	// SpotProviderName of the capacity provider for spot.
	//
	// Default: - no spot. One of the two is given.
	SpotProviderName *string
	// OnDemandProviderName of the capacity provider for on-demand.
	//
	// Default: - no on-demand.
	OnDemandProviderName *string
	// RequestsPerTask a minute, which scaling aims at.
	//
	// Default: 60.
	RequestsPerTask int
	// CPU units, 1024 a vCPU.
	//
	// Default: 1024.
	CPU int
	// SharedMemoryMiB of /dev/shm, part of MemoryMiB.
	//
	// Default: a quarter of MemoryMiB.
	SharedMemoryMiB int
	// Command, the server's arguments.
	//
	// Default: - the image's own.
	Command []string
	// Port of the server.
	//
	// Default: 8000.
	Port int
	// HealthPath answers 200 when the model is loaded.
	//
	// Default: /health.
	HealthPath string
	// Environment variables.
	//
	// Default: - none.
	Environment map[string]string
	// Secrets are environment variables that ECS reads when the container starts.
	//
	// Default: - none.
	Secrets map[string]awsecs.Secret
	// Weights that the container sees.
	//
	// Default: - none.
	Weights *Weights
	// WarmUp is a request that each task serves before it gets any other.
	//
	// Default: - none, a task is healthy when its HealthPath says so.
	WarmUp *WarmUp
	// WorkerImage has the program that fetches weights and warms up.
	//
	// Required with Weights or WarmUp.
	WorkerImage awsecs.ContainerImage
	// WeightsPath is the cache on the host.
	//
	// Default: gpucapacity.DefaultWeightsPath.
	WeightsPath string
	// ColdStart is how long a task may take until it is healthy.
	//
	// Default: 10 minutes.
	ColdStart awscdk.Duration
	// StreamTimeout is how long an answer may last, up to an hour.
	//
	// Default: 15 minutes.
	StreamTimeout awscdk.Duration
	// IdleAfter is how long nobody has asked until the last task ends, where
	// Minimum is 0. ColdStart is added to it.
	//
	// Default: 15 minutes, and never less than StreamTimeout.
	IdleAfter awscdk.Duration
	// Subnets of the load balancer and the tasks, in two zones at least.
	//
	// Default: - all private subnets with egress.
	Subnets *awsec2.SubnetSelection
	// DeletionProtection refuses to delete the load balancer.
	//
	// Default: false.
	DeletionProtection bool
	// AccessLogs receives the load balancer's access logs.
	//
	// Default: - none are kept.
	AccessLogs awss3.IBucket
	// LogRetention of the log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
}

func (p Props) withDefaults() Props {
	orElse(&p.RequestsPerTask, 60)
	orElse(&p.CPU, 1024)
	orElse(&p.SharedMemoryMiB, p.MemoryMiB/4)
	orElse(&p.Port, 8000)
	orElse(&p.HealthPath, "/health")
	orElse(&p.WeightsPath, hostpaths.Weights)
	if p.ColdStart == nil {
		p.ColdStart = minutes(10)
	}
	if p.StreamTimeout == nil {
		p.StreamTimeout = minutes(15)
	}
	if p.IdleAfter == nil {
		p.IdleAfter = minutes(15)
	}
	if p.Subnets == nil {
		p.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	return p
}

func orElse[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

func minutes(count float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(count)) }

func secondsOf(d awscdk.Duration) float64 { return *d.ToSeconds(nil) }
