package checks_test

import "testing"

const (
	spotTemplate = "Compute/SpotTemplate"
	spotGroup    = "Compute/SpotGroup"
)

func TestSpotDraining(t *testing.T) {
	const on = `\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true`
	judge(t, "spot-draining", fleet,
		edit{"a template without the variable is found", on, ``, spotTemplate, "no ECS_ENABLE_SPOT_INSTANCE_DRAINING", false},
		edit{"false is found", on, `\nECS_ENABLE_SPOT_INSTANCE_DRAINING=false`, spotTemplate, "=false", false},
		edit{"a comment does not count", on, `\n# ECS_ENABLE_SPOT_INSTANCE_DRAINING=true`, spotTemplate, "no ECS_ENABLE", false},
		edit{"the last of two values counts", on, on + `\nECS_ENABLE_SPOT_INSTANCE_DRAINING=false`, spotTemplate, "=false", false},
		edit{"quotes are harmless", on, `\nECS_ENABLE_SPOT_INSTANCE_DRAINING='true'`, "", "", false},
		edit{"Bottlerocket has a word of its own", on, `\nenable-spot-instance-draining = true`, "", "", false},
		edit{"a group that turns to spot needs it too", "OnDemandPercentageAboveBaseCapacity: 100", "OnDemandPercentageAboveBaseCapacity: 50",
			"Compute/OnDemandTemplate", "no ECS_ENABLE_SPOT_INSTANCE_DRAINING", false},
	)
}

func TestSpotDrainingByMarketOptionsAndInAnEncodedScript(t *testing.T) {
	judge(t, "spot-draining", `
Compute:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Template:
      Type: AWS::EC2::LaunchTemplate
      Properties:
        LaunchTemplateName: named
        # echo ECS_CLUSTER=c ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
        LaunchTemplateData: {UserData: ZWNobyBFQ1NfQ0xVU1RFUj1jIEVDU19FTkFCTEVfU1BPVF9JTlNUQU5DRV9EUkFJTklORz10cnVl, InstanceMarketOptions: {MarketType: spot}}
    Group: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchTemplate: {LaunchTemplateName: named}}}
`, edit{"a script without it is found", "ZWNobyBFQ1NfQ0xVU1RFUj1jIEVDU19FTkFCTEVfU1BPVF9JTlNUQU5DRV9EUkFJTklORz10cnVl", "ZWNobyBFQ1NfQ0xVU1RFUj1j",
		"Compute/Template", "no ECS_ENABLE_SPOT_INSTANCE_DRAINING", false})
}

func TestTaskIMDS(t *testing.T) {
	judge(t, "task-imds", fleet,
		edit{"a spot group without it is found", `\nECS_AWSVPC_BLOCK_IMDS=true`, ``, spotTemplate, "no ECS_AWSVPC_BLOCK_IMDS", false},
		edit{"an on-demand group without it is found", `; echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config`, ``, "Compute/OnDemandTemplate", "no ECS_AWSVPC_BLOCK_IMDS", false},
	)
}

func TestIMDSv2(t *testing.T) {
	judge(t, "imdsv2", fleet+`
Nat:
  Resources:
    Instance: {Type: AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: {Ref: Tokens}}}}
    Tokens: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}}}
`,
		edit{"optional tokens are found", "HttpTokens: required", "HttpTokens: optional", spotTemplate, "HttpTokens optional", false},
		edit{"a template without metadata options is found", "MetadataOptions: {HttpTokens: required}", "EbsOptimized: true", spotTemplate, "no HttpTokens", false},
		edit{"an instance without a launch template is found", "Properties: {LaunchTemplate: {LaunchTemplateId: {Ref: Tokens}}}", "Properties: {}", "Nat/Instance", "no HttpTokens", false},
		edit{"metadata that are off need no tokens", "HttpTokens: required", "HttpEndpoint: disabled", "", "", false},
	)
}

func TestEqualGPUCount(t *testing.T) {
	judge(t, "equal-gpu-count", fleet,
		edit{"another number of GPUs is found", "{InstanceType: g5.xlarge}, {InstanceType: g4dn.xlarge}", "{InstanceType: g5.xlarge}, {InstanceType: g4dn.12xlarge}",
			spotGroup, "g4dn.12xlarge with 4 GPUs", false},
		edit{"a type without a GPU is found", "{InstanceType: g4dn.xlarge}", "{InstanceType: m7i.xlarge}", spotGroup, "m7i.xlarge, which is no GPU type", false},
		edit{"requirements with a range are found", "Overrides: [{InstanceType: g6.xlarge}", "Overrides: [{InstanceRequirements: {AcceleratorCount: {Min: 1, Max: 4}}}, {InstanceType: g6.xlarge}",
			spotGroup, "AcceleratorCount from 1 to 4", false},
		edit{"requirements of one number are harmless", "Overrides: [{InstanceType: g6.xlarge}", "Overrides: [{InstanceRequirements: {AcceleratorCount: {Min: 1, Max: 1}}}, {InstanceType: g6.xlarge}", "", "", false},
	)
}

func TestCapacityRebalance(t *testing.T) {
	judge(t, "capacity-rebalance", fleet,
		edit{"rebalancing of a spot group is found", "CapacityRebalance: false", "CapacityRebalance: true", spotGroup, "CapacityRebalance true", false},
		edit{"saying nothing is harmless", "CapacityRebalance: false", "Cooldown: 1", "", "", false},
	)
}

func TestDesiredCapacity(t *testing.T) {
	judge(t, "desired-capacity", fleet,
		edit{"a desired capacity is found", "MinSize: \"0\"", "MinSize: \"0\"\n        DesiredCapacity: 1", spotGroup, "DesiredCapacity 1", false},
		edit{"a minimum is found", `MinSize: "0"`, `MinSize: "2"`, spotGroup, "MinSize 2", false},
	)
}

func TestVolumeThroughput(t *testing.T) {
	judge(t, "volume-throughput", fleet,
		edit{"more than the baseline IOPS carry is found", "Throughput: 500", "Throughput: 1000", spotTemplate, "4000 IOPS or more", false},
		edit{"enough IOPS are harmless", "Throughput: 500", "Throughput: 1000, Iops: 4000", "", "", false},
		edit{"the baseline carries 750", "Throughput: 500", "Throughput: 750", "", "", false},
	)
}

func TestTerminationProtectionDaemons(t *testing.T) {
	const off, on = "ManagedTerminationProtection: DISABLED", "ManagedTerminationProtection: ENABLED"
	judge(t, "termination-protection-daemons", fleet,
		edit{"a daemon under protection is a warning", off, on, "Compute/SpotProvider", "daemon service Compute/Agent", true},
	)
	const lone = `
Compute:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Group: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {NewInstancesProtectedFromScaleIn: true}}
    Provider:
      Type: AWS::ECS::CapacityProvider
      Properties: {AutoScalingGroupProvider: {AutoScalingGroupArn: {Ref: Group}, ManagedScaling: {Status: ENABLED}, ManagedTerminationProtection: ENABLED}}
    Associations:
      Type: AWS::ECS::ClusterCapacityProviderAssociations
      Properties: {Cluster: {Ref: Cluster}, CapacityProviders: [{Ref: Provider}], DefaultCapacityProviderStrategy: []}
    Worker:
      Type: AWS::ECS::Service
      Properties: {Cluster: {Ref: Cluster}, CapacityProviderStrategy: [{CapacityProvider: {Ref: Provider}}]}
`
	judge(t, "termination-protection-daemons", lone,
		edit{"protection of a group that does not protect is found", "NewInstancesProtectedFromScaleIn: true", "MinSize: 0", "Compute/Group", "no NewInstancesProtectedFromScaleIn", false},
		edit{"protection without managed scaling is found", "ManagedScaling: {Status: ENABLED}, ", "", "Compute/Provider", "without managed scaling", false},
		edit{"an agent that counts as a task is found", "CapacityProviderStrategy: [{CapacityProvider: {Ref: Provider}}]", "LaunchType: EC2", "Compute/Worker", "a REPLICA service", false},
	)
}

func TestCapacityTeardown(t *testing.T) {
	judge(t, "capacity-teardown", fleet,
		edit{"a group that nothing empties is found", "AutoScalingGroups: [{Ref: SpotGroup}, {Ref: OnDemandGroup}]", "AutoScalingGroups: [{Ref: SpotGroup}]",
			"Compute/OnDemandGroup", "no custom resource", false},
		edit{"the resource may have the general type", "Type: Custom::EmptyAutoScalingGroups", "Type: AWS::CloudFormation::CustomResource", "", "", false},
	)
}

func TestProviderAssociated(t *testing.T) {
	judge(t, "provider-associated", fleet,
		edit{"a provider that the cluster does not know is found", "CapacityProviders: [{Ref: SpotProvider}, ", "CapacityProviders: [", "Workers/Analyser/Spot/Service", "capacity provider ${SpotProvider}", false},
		edit{"a provider by name is found too", "{Ref: OnDemandProvider}, FARGATE", "FARGATE", "Workers/OnDemand", "capacity provider on-demand", false},
		edit{"Fargate has to be associated too", "CapacityProvider: on-demand", "CapacityProvider: FARGATE_SPOT", "Workers/OnDemand", "capacity provider FARGATE_SPOT", false},
		edit{"too many providers are found", "FARGATE]", "FARGATE, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r]", "Compute/Associations", "21 capacity providers", false},
	)
	const oneStack = `
All:
  Resources:
    Cluster: {Type: AWS::ECS::Cluster}
    Provider: {Type: AWS::ECS::CapacityProvider}
    Associations: {Type: AWS::ECS::ClusterCapacityProviderAssociations, Properties: {Cluster: {Ref: Cluster}, CapacityProviders: [{Ref: Provider}]}}
    Service:
      Type: AWS::ECS::Service
      DependsOn: [Associations]
      Properties: {Cluster: {Ref: Cluster}, CapacityProviderStrategy: [{CapacityProvider: {Ref: Provider}}]}
`
	judge(t, "provider-associated", oneStack,
		edit{"a service that does not wait for the association is found", "DependsOn: [Associations]", "DependsOn: [Provider]", "All/Service", "no dependency on All/Associations", false})
}
