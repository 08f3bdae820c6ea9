package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

func natInstance() awsec2.NatInstanceProviderV2 {
	return awsec2.NatProvider_InstanceV2(&awsec2.NatInstanceProps{
		InstanceType: awsec2.NewInstanceType(jsii.String("t4g.nano")),
		MachineImage: awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{
			CpuType: awsec2.AmazonLinuxCpuType_ARM_64,
		}),
		DefaultAllowedTraffic: awsec2.NatTrafficDirection_OUTBOUND_ONLY,
		// Unlimited credits would bill a busy month without a word.
		CreditSpecification: awsec2.CpuCredits_STANDARD,
	})
}

// hardenNATInstance lets in only what comes from the VPC and requires IMDSv2.
func hardenNATInstance(vpc awsec2.Vpc, cidr string, provider awsec2.NatInstanceProviderV2) {
	provider.Connections().AllowFrom(awsec2.Peer_Ipv4(&cidr), awsec2.Port_AllTraffic(),
		jsii.String("What private subnets send to the internet"))
	for _, instance := range *provider.GatewayInstances() {
		resource := instance.Node().DefaultChild().(awsec2.CfnInstance)
		resource.SetMetadataOptions(&awsec2.CfnInstance_MetadataOptionsProperty{HttpTokens: jsii.String("required")})
		resource.SetBlockDeviceMappings(&[]any{&awsec2.CfnInstance_BlockDeviceMappingProperty{
			DeviceName: jsii.String("/dev/xvda"),
			Ebs:        &awsec2.CfnInstance_EbsProperty{Encrypted: jsii.Bool(true), VolumeType: jsii.String("gp3"), VolumeSize: jsii.Number(8)},
		}})
		accepted.OnResource(instance,
			accepted.Finding{Rule: "AwsSolutions-EC28", Reason: "The cheap egress of a development environment; detailed monitoring would cost as much as the instance."},
			accepted.Finding{Rule: "AwsSolutions-EC29", Reason: "The instance keeps no state and must go when its stack is deleted."},
			accepted.Finding{Rule: "CKV_AWS_126", Reason: "Detailed monitoring would cost as much as the instance."},
		)
	}
	accepted.On(vpc, accepted.Finding{Rule: "AwsSolutions-EC23", Reason: "The only ingress is from the VPC's own address range."})
}
