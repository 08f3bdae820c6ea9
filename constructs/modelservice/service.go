package modelservice

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/containers"
)

// ModelService is the service and its load balancer.
type ModelService struct {
	construct     constructs.Construct
	props         Props
	role          awsiam.Role
	logs          awslogs.LogGroup
	task          awsecs.Ec2TaskDefinition
	securityGroup awsec2.SecurityGroup
	service       awsecs.Ec2Service
	loadBalancer  awselasticloadbalancingv2.ApplicationLoadBalancer
	targets       awselasticloadbalancingv2.ApplicationTargetGroup
}

// New creates the service, its load balancer and its scaling. It panics, with
// the construct's path, when a required prop is missing; values that AWS would
// refuse become error annotations.
func New(scope constructs.Construct, id string, props *Props) *ModelService {
	this := constructs.NewConstruct(scope, &id)
	required(this, props)
	m := &ModelService{construct: this, props: validate(this, props.withDefaults())}
	m.role = containers.NewTaskRole(this, "TaskRole", "What a task of the service '"+props.Name+"' may do")
	m.logs = containers.NewLogGroup(this, m.props.LogRetention)
	m.task = m.newTaskDefinition()
	m.securityGroup = awsec2.NewSecurityGroup(this, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:         m.props.VPC,
		Description: jsii.String("Service " + props.Name + ": in from its load balancer alone"),
	})
	m.service = m.newService()
	m.balance()
	m.scale()
	containers.Explain(m.task)
	return m
}

func (m *ModelService) newTaskDefinition() awsecs.Ec2TaskDefinition {
	task := awsecs.NewEc2TaskDefinition(m.construct, jsii.String("Task"), &awsecs.Ec2TaskDefinitionProps{
		NetworkMode: awsecs.NetworkMode_AWS_VPC,
		TaskRole:    m.role,
	})
	options := &awsecs.ContainerDefinitionOptions{
		Image:          m.props.Image,
		Environment:    containers.Environment(m.construct, m.props.Environment),
		Essential:      jsii.Bool(true),
		Cpu:            jsii.Number(float64(m.props.CPU)),
		MemoryLimitMiB: jsii.Number(float64(m.props.MemoryMiB)),
		GpuCount:       jsii.Number(float64(m.props.GPUs)),
		LinuxParameters: awsecs.NewLinuxParameters(m.construct, jsii.String("ModelLinux"), &awsecs.LinuxParametersProps{
			InitProcessEnabled: jsii.Bool(true),
			SharedMemorySize:   jsii.Number(float64(m.props.SharedMemoryMiB)),
		}),
		PortMappings: &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(float64(m.props.Port))}},
		Logging:      containers.LogTo(m.logs),
	}
	if len(m.props.Command) > 0 {
		options.Command = jsii.Strings(m.props.Command...)
	}
	if len(m.props.Secrets) > 0 {
		options.Secrets = &m.props.Secrets
	}
	model := task.AddContainer(jsii.String(ModelContainer), options)
	if m.props.Weights != nil {
		containers.AddFetch(m.construct, task, model, containers.FetchProps{
			Weights: *m.props.Weights, Image: m.props.WorkerImage, Cache: m.props.WeightsPath,
			Logging: containers.LogTo(m.logs), MemoryMiB: fetchMiB, LimitMiB: fetchLimitMiB, CPU: fetchCPU,
		})
	}
	if m.props.WarmUp != nil {
		m.addWarmUp(task)
	}
	task.ObtainExecutionRole()
	return task
}

func (m *ModelService) newService() awsecs.Ec2Service {
	props := &awsecs.Ec2ServiceProps{
		Cluster:                    m.props.Cluster,
		TaskDefinition:             m.task,
		CapacityProviderStrategies: m.strategies(),
		MinHealthyPercent:          jsii.Number(100),
		MaxHealthyPercent:          jsii.Number(200),
		CircuitBreaker:             &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		// A task that still loads its model is not unhealthy; nor is one that has just
		// loaded it, until the load balancer has asked it twice.
		HealthCheckGracePeriod: seconds(secondsOf(m.props.ColdStart) + afterStart),
		// It would stop tasks that answer only to even out zones.
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
		PlacementStrategies: &[]awsecs.PlacementStrategy{
			awsecs.PlacementStrategy_SpreadAcross(awsecs.BuiltInAttributes_AVAILABILITY_ZONE()),
			awsecs.PlacementStrategy_PackedByMemory(),
		},
		VpcSubnets:           m.props.Subnets,
		SecurityGroups:       &[]awsec2.ISecurityGroup{m.securityGroup},
		PropagateTags:        awsecs.PropagatedTagSource_SERVICE,
		EnableECSManagedTags: jsii.Bool(true),
	}
	if m.props.Minimum == 0 {
		// A service that may sleep is created asleep. Any other has no count in the
		// template, so that a deploy does not reset what scaling has set.
		props.DesiredCount = jsii.Number(0)
	}
	return awsecs.NewEc2Service(m.construct, jsii.String("Service"), props)
}

// afterStart is what the load balancer takes to find a task healthy, in seconds,
// and as much again.
const afterStart = 60

// strategies run the base on-demand and the rest on spot, where there are both.
func (m *ModelService) strategies() *[]*awsecs.CapacityProviderStrategy {
	spot, onDemand, base := m.props.SpotProviderName, m.props.OnDemandProviderName, float64(m.props.OnDemandBase)
	switch {
	case spot == nil && onDemand == nil:
		return nil
	case spot == nil:
		return &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: onDemand, Weight: jsii.Number(1)}}
	case onDemand == nil || base == 0:
		return &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: spot, Weight: jsii.Number(1)}}
	default:
		return &[]*awsecs.CapacityProviderStrategy{
			{CapacityProvider: onDemand, Base: &base, Weight: jsii.Number(0)},
			{CapacityProvider: spot, Weight: jsii.Number(1)},
		}
	}
}
