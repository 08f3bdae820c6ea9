package gpucapacity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// purchase is one purchase option: a group and its capacity provider.
type purchase struct {
	group    awsautoscaling.AutoScalingGroup
	provider awsecs.AsgCapacityProvider
	// Asked for once: each question goes through jsii.
	groupName, groupARN, providerName string
}

// shared is what both groups are made of. Each part is a call of jsii.
type shared struct {
	healthChecks awsautoscaling.HealthChecks
	metrics      awsautoscaling.GroupMetrics
	types        *[]*awsautoscaling.LaunchTemplateOverrides
	role         awsiam.IRole
	volume       awsec2.BlockDeviceVolume
}

func (c *GPUCapacity) newShared() *shared {
	return &shared{
		healthChecks: awsautoscaling.HealthChecks_Ec2(&awsautoscaling.Ec2HealthChecksOptions{GracePeriod: c.props.HealthCheckGrace}),
		metrics:      awsautoscaling.GroupMetrics_All(),
		types:        overrides(c.props.InstanceTypes),
		// What the cluster would grant is broader than what the agent needs.
		role: c.role.WithoutPolicyUpdates(&awsiam.WithoutPolicyUpdatesOptions{AddGrantsToResources: jsii.Bool(false)}),
		volume: awsec2.BlockDeviceVolume_Ebs(jsii.Number(float64(c.props.VolumeGiB)), &awsec2.EbsDeviceOptions{
			VolumeType:          awsec2.EbsDeviceVolumeType_GP3,
			Encrypted:           jsii.Bool(true),
			DeleteOnTermination: jsii.Bool(true),
			Throughput:          jsii.Number(float64(c.props.ThroughputMiB)),
			Iops:                jsii.Number(float64(max(3000, 4*c.props.ThroughputMiB))),
		}),
	}
}

func spotDistribution() *awsautoscaling.InstancesDistribution {
	return &awsautoscaling.InstancesDistribution{
		OnDemandBaseCapacity:                jsii.Number(0),
		OnDemandPercentageAboveBaseCapacity: jsii.Number(0),
		// Few interruptions first, price second; over all types and zones.
		SpotAllocationStrategy: awsautoscaling.SpotAllocationStrategy_PRICE_CAPACITY_OPTIMIZED,
	}
}

func onDemandDistribution() *awsautoscaling.InstancesDistribution {
	return &awsautoscaling.InstancesDistribution{
		OnDemandBaseCapacity:                jsii.Number(0),
		OnDemandPercentageAboveBaseCapacity: jsii.Number(100),
		// In the order of the overrides, which is best first.
		OnDemandAllocationStrategy: awsautoscaling.OnDemandAllocationStrategy_PRIORITIZED,
	}
}

func (c *GPUCapacity) newPurchase(id string, maximum int, distribution *awsautoscaling.InstancesDistribution, shared *shared) *purchase {
	scope := constructs.NewConstruct(c.construct, &id)
	group := awsautoscaling.NewAutoScalingGroup(scope, jsii.String("Group"), &awsautoscaling.AutoScalingGroupProps{
		Vpc:        c.props.VPC,
		VpcSubnets: c.props.Subnets,
		// No desired capacity: a deploy must not reset what the controller and ECS have set.
		MinCapacity: jsii.Number(0),
		MaxCapacity: jsii.Number(float64(maximum)),
		MixedInstancesPolicy: &awsautoscaling.MixedInstancesPolicy{
			LaunchTemplate:          c.newLaunchTemplate(scope, shared),
			InstancesDistribution:   distribution,
			LaunchTemplateOverrides: shared.types,
		},
		// It would replace instances that run jobs; the controller decides instead.
		CapacityRebalance:                jsii.Bool(false),
		NewInstancesProtectedFromScaleIn: jsii.Bool(true),
		HealthChecks:                     shared.healthChecks,
		GroupMetrics:                     &[]awsautoscaling.GroupMetrics{shared.metrics},
		// Of the idle instances, those of an earlier template go first: so a change
		// of the template rolls with the work, and ends no job.
		TerminationPolicies: &[]awsautoscaling.TerminationPolicy{
			awsautoscaling.TerminationPolicy_OLDEST_LAUNCH_TEMPLATE, awsautoscaling.TerminationPolicy_DEFAULT,
		},
	})
	// ECS sets this tag; a deploy that did not know it could take it away.
	awscdk.Tags_Of(group).Add(jsii.String("AmazonECSManaged"), jsii.String("true"), nil)
	provider := awsecs.NewAsgCapacityProvider(scope, jsii.String("Provider"), &awsecs.AsgCapacityProviderProps{
		AutoScalingGroup: group,
		// The name of the user data format; Amazon Linux 2023 has the same.
		MachineImageType:                   awsecs.MachineImageType_AMAZON_LINUX_2,
		EnableManagedScaling:               jsii.Bool(true),
		EnableManagedTerminationProtection: jsii.Bool(true),
		EnableManagedDraining:              jsii.Bool(true),
		// From boot to a task that runs, weights included.
		InstanceWarmupPeriod: jsii.Number(300),
	})
	c.props.Cluster.AddAsgCapacityProvider(provider, nil)
	accepted.OnResource(group, accepted.Finding{
		Rule:   "AwsSolutions-AS3",
		Reason: "The capacity controller and the alarms follow the group by its metrics and by EventBridge; a mail for each launch would be noise.",
	}, accepted.Finding{
		Rule:      "CdkNagValidationFailure",
		Reason:    "The rule reads a launch template that a group with a mixed instances policy does not have; the volume is encrypted.",
		AppliesTo: []string{"AwsSolutions-EC26"},
	})
	accepted.OnEach(provider, func(awscdk.CfnResource) []accepted.Finding {
		return []accepted.Finding{{
			Rule:   "termination-protection-daemons",
			Reason: "The only task on each instance is a daemon's, which does not count: ECS lets an idle instance go. The dashboard shows instances beside running tasks.",
		}}
	})
	return &purchase{
		group: group, provider: provider, groupName: *group.AutoScalingGroupName(),
		groupARN: *group.AutoScalingGroupArn(), providerName: *provider.CapacityProviderName(),
	}
}

func overrides(types []string) *[]*awsautoscaling.LaunchTemplateOverrides {
	var all []*awsautoscaling.LaunchTemplateOverrides
	for _, name := range types {
		all = append(all, &awsautoscaling.LaunchTemplateOverrides{InstanceType: awsec2.NewInstanceType(jsii.String(name))})
	}
	return &all
}

func (c *GPUCapacity) newLaunchTemplate(scope constructs.Construct, shared *shared) awsec2.LaunchTemplate {
	return awsec2.NewLaunchTemplate(scope, jsii.String("Template"), &awsec2.LaunchTemplateProps{
		MachineImage:  c.props.MachineImage,
		Role:          shared.role,
		SecurityGroup: c.securityGroup,
		UserData:      c.userData(),
		RequireImdsv2: jsii.Bool(true),
		// One hop ends on the host: the ECS agent and the health agent are on the
		// host's network, tasks have networks of their own.
		HttpPutResponseHopLimit: jsii.Number(1),
		HttpTokens:              awsec2.LaunchTemplateHttpTokens_REQUIRED,
		BlockDevices: &[]*awsec2.BlockDevice{{
			DeviceName: jsii.String("/dev/xvda"),
			Volume:     shared.volume,
		}},
	})
}

// fillFirst makes the group use capacity reservations before plain on-demand.
func (p *purchase) fillFirst(reservations []string) {
	if len(reservations) == 0 {
		return
	}
	p.group.Node().DefaultChild().(awsautoscaling.CfnAutoScalingGroup).SetCapacityReservationSpecification(
		&awsautoscaling.CfnAutoScalingGroup_CapacityReservationSpecificationProperty{
			CapacityReservationPreference: jsii.String("capacity-reservations-first"),
			CapacityReservationTarget: &awsautoscaling.CfnAutoScalingGroup_CapacityReservationTargetProperty{
				CapacityReservationIds: jsii.Strings(reservations...),
			},
		})
}
