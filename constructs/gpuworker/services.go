package gpuworker

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// newService creates a service on one capacity provider.
func (w *GPUWorker) newService(id string, provider *string) awsecs.BaseService {
	service := w.newServiceOn(id, provider)
	awscdk.Annotations_Of(service).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:shouldUseCircuitBreaker"),
		jsii.String("With a desired count of 0 it would watch nothing, and a deployment held open by a busy task would blame it for spot reclaims."))
	return service
}

// newServiceOn knows what the two services and the two kinds of capacity have
// in common.
func (w *GPUWorker) newServiceOn(id string, provider *string) awsecs.BaseService {
	var (
		// The controller decides; see the package.
		desired  = jsii.Number(0)
		minimum  = jsii.Number(0)
		maximum  = jsii.Number(100)
		strategy = &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: provider, Weight: jsii.Number(1)}}
		groups   = &[]awsec2.ISecurityGroup{w.securityGroup}
	)
	if w.props.onFargate() {
		return awsecs.NewFargateService(w.construct, &id, &awsecs.FargateServiceProps{
			Cluster: w.props.Cluster, TaskDefinition: w.task, CapacityProviderStrategies: strategy,
			DesiredCount: desired, MinHealthyPercent: minimum, MaxHealthyPercent: maximum,
			AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
			VpcSubnets:                  w.props.Subnets, SecurityGroups: groups, AssignPublicIp: jsii.Bool(false),
			PropagateTags: awsecs.PropagatedTagSource_SERVICE, EnableECSManagedTags: jsii.Bool(true),
		})
	}
	return awsecs.NewEc2Service(w.construct, &id, &awsecs.Ec2ServiceProps{
		Cluster: w.props.Cluster, TaskDefinition: w.task, CapacityProviderStrategies: strategy,
		DesiredCount: desired, MinHealthyPercent: minimum, MaxHealthyPercent: maximum,
		// It would stop tasks only to even out zones.
		AvailabilityZoneRebalancing: awsecs.AvailabilityZoneRebalancing_DISABLED,
		// Full instances leave others empty, and those can be given back.
		PlacementStrategies: &[]awsecs.PlacementStrategy{awsecs.PlacementStrategy_PackedByMemory()},
		VpcSubnets:          w.props.Subnets, SecurityGroups: groups,
		PropagateTags: awsecs.PropagatedTagSource_SERVICE, EnableECSManagedTags: jsii.Bool(true),
	})
}
