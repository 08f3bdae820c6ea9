package gpucapacity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"tandem/constructs/internal/hostpaths"
)

// Where instances keep what containers share, unless Props say otherwise.
const (
	// DefaultNodeStatusPath is the folder that the health agent writes to and workers read.
	DefaultNodeStatusPath = hostpaths.NodeStatus
	// DefaultWeightsPath is the cache for model weights.
	DefaultWeightsPath = hostpaths.Weights
	// DefaultReservedMemoryMiB is kept from ECS for the operating system, Docker
	// and the ECS agent. What the configuration takes for the memory that an
	// instance registers has to stay below what is left.
	DefaultReservedMemoryMiB = 128
)

// WorkerUser is the user and group that the worker's containers run as
// (distroless's nonroot); the weights cache of an instance belongs to it.
const WorkerUser = hostpaths.User

// Props of a [GPUCapacity].
type Props struct {
	// Cluster that the instances join. It is in the same stack: the custom
	// resource that empties the groups must be deleted before the cluster lets
	// go of them.
	//
	// Required.
	Cluster awsecs.Cluster
	// VPC of the cluster.
	//
	// Required.
	VPC awsec2.IVpc
	// InstanceTypes with the same number of GPUs, best first. ECS counts on the
	// smallest of them: a task that does not fit it is never placed, on none.
	//
	// Required.
	InstanceTypes []string
	// GPUs of each of the instance types.
	//
	// Required.
	GPUs int
	// EmptyFunction is the function of the custom resource that empties the
	// groups when they are deleted; its program is runtime/functions/emptygroups.
	//
	// Required.
	EmptyFunction awslambda.IFunction
	// SpotMaximum instances; 0 leaves spot out.
	//
	// Default: 0. One of SpotMaximum and OnDemandMaximum is above 0.
	SpotMaximum int
	// OnDemandMaximum instances; 0 leaves on-demand out.
	//
	// Default: 0.
	OnDemandMaximum int
	// Reservations are ids of capacity reservations (cr-...) that the on-demand
	// group fills first; when they are full it goes on with plain on-demand.
	//
	// Default: - none.
	Reservations []string
	// Subnets to launch into, one a zone. They have a way out: a GPU task never
	// has a public address.
	//
	// Default: - all private subnets with egress.
	Subnets *awsec2.SubnetSelection
	// MachineImage of the instances. It is resolved when the stack is deployed;
	// running instances keep theirs.
	//
	// Default: - the ECS-optimised Amazon Linux 2023 GPU image, newest at deploy time.
	MachineImage awsec2.IMachineImage
	// VolumeGiB of the encrypted gp3 root volume, 30 to 65536.
	//
	// Default: 100.
	VolumeGiB int
	// ThroughputMiB a second of the volume, 125 to 2000; an instance type may
	// carry less. Above 750 more than the 3000 IOPS that gp3 includes are bought:
	// it takes 4 IOPS for each MiB/s
	// (https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html, 2026-11-24).
	//
	// Default: 500.
	ThroughputMiB int
	// PrePull are images that a new instance pulls before it joins the cluster,
	// for at most ten minutes. Those in ECR are pulled with the instance's role.
	//
	// Default: - none.
	PrePull []string
	// NodeStatusPath is the folder on the host that the health agent writes to.
	//
	// Default: DefaultNodeStatusPath.
	NodeStatusPath string
	// WeightsPath is the folder on the host where weights are cached.
	//
	// Default: DefaultWeightsPath.
	WeightsPath string
	// ReservedMemoryMiB is kept from ECS, which registers less memory by as much.
	//
	// Default: DefaultReservedMemoryMiB.
	ReservedMemoryMiB int
	// HealthCheckGrace is how long a new instance is not judged by its health.
	//
	// Default: 5 minutes.
	HealthCheckGrace awscdk.Duration
	// SessionManager lets operators open a shell on an instance by SSM, without SSH.
	//
	// Default: false.
	SessionManager bool
}

func (p Props) withDefaults() Props {
	orElse(&p.VolumeGiB, 100)
	orElse(&p.ThroughputMiB, 500)
	orElse(&p.NodeStatusPath, DefaultNodeStatusPath)
	orElse(&p.WeightsPath, DefaultWeightsPath)
	orElse(&p.ReservedMemoryMiB, DefaultReservedMemoryMiB)
	if p.HealthCheckGrace == nil {
		p.HealthCheckGrace = minutes(5)
	}
	if p.Subnets == nil {
		p.Subnets = &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
	if p.MachineImage == nil {
		// Not cached in cdk.context.json: a synth looks nothing up.
		p.MachineImage = awsecs.EcsOptimizedImage_AmazonLinux2023(awsecs.AmiHardwareType_GPU, nil)
	}
	return p
}

func orElse[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
