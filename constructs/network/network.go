// Package network is the VPC of the GPU tiers: private subnets in the named
// zones and one chosen way out. What lives in the VPC is not decided here.
package network

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// Network is a VPC with private subnets.
type Network struct {
	construct constructs.Construct
	vpc       awsec2.IVpc
	egress    Egress
	imported  bool
}

// New creates the VPC, or refers to the imported one.
func New(scope constructs.Construct, id string, props *Props) *Network {
	this := constructs.NewConstruct(scope, &id)
	if len(props.Zones) == 0 {
		panic(*this.Node().Path() + ": network.Props.Zones is required")
	}
	egress := props.Egress
	if egress == "" {
		egress = NATGateway
	}
	network := &Network{construct: this, egress: egress}
	if props.Import != nil {
		network.vpc, network.imported = imported(this, props), true
		return network
	}
	vpc := create(this, props, egress)
	network.vpc = vpc
	if egress == Endpoints {
		addEndpoints(vpc, props.EndpointServices)
	}
	if props.FlowLogs {
		addFlowLogs(this, vpc, props)
	} else {
		accepted.On(vpc, accepted.Finding{Rule: "AwsSolutions-VPC7", Reason: "Flow logs are off for this environment; network.flowLogs turns them on."})
	}
	return network
}

func imported(scope constructs.Construct, props *Props) awsec2.IVpc {
	attributes := &awsec2.VpcAttributes{
		VpcId:             &props.Import.VPCID,
		Region:            &props.Import.Region,
		AvailabilityZones: jsii.Strings(props.Zones...),
		PrivateSubnetIds:  jsii.Strings(props.Import.PrivateSubnetIDs...),
	}
	if len(props.Import.PublicSubnetIDs) > 0 {
		attributes.PublicSubnetIds = jsii.Strings(props.Import.PublicSubnetIDs...)
	}
	vpc := awsec2.Vpc_FromVpcAttributes(scope, jsii.String("Vpc"), attributes)
	awscdk.Annotations_Of(scope).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"),
		jsii.String("nothing here adds routes to a VPC that somebody else made"))
	return vpc
}

func create(scope constructs.Construct, props *Props, egress Egress) awsec2.Vpc {
	cidr := props.CIDR
	if cidr == "" {
		cidr = "10.40.0.0/16"
	}
	vpcProps := &awsec2.VpcProps{
		AvailabilityZones: jsii.Strings(props.Zones...),
		IpAddresses:       awsec2.IpAddresses_Cidr(&cidr),
		NatGateways:       jsii.Number(max(props.NATGateways, 1)),
		// The default group is used by nothing; restricting it would add a
		// custom resource with a Node function.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3":       {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
			"DynamoDb": {Service: awsec2.GatewayVpcEndpointAwsService_DYNAMODB()},
		},
	}
	public := &awsec2.SubnetConfiguration{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC,
		CidrMask: jsii.Number(24), MapPublicIpOnLaunch: jsii.Bool(false)}
	private := &awsec2.SubnetConfiguration{Name: jsii.String("Private"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS,
		CidrMask: jsii.Number(19)}
	switch egress {
	case Endpoints:
		private.SubnetType = awsec2.SubnetType_PRIVATE_ISOLATED
		vpcProps.SubnetConfiguration = &[]*awsec2.SubnetConfiguration{private}
		vpcProps.NatGateways = nil
		return awsec2.NewVpc(scope, jsii.String("Vpc"), vpcProps)
	case NATInstance:
		provider := natInstance()
		vpcProps.NatGatewayProvider = provider
		vpcProps.NatGateways = jsii.Number(1)
		vpcProps.SubnetConfiguration = &[]*awsec2.SubnetConfiguration{public, private}
		vpc := awsec2.NewVpc(scope, jsii.String("Vpc"), vpcProps)
		hardenNATInstance(vpc, cidr, provider)
		return vpc
	default:
		vpcProps.SubnetConfiguration = &[]*awsec2.SubnetConfiguration{public, private}
		return awsec2.NewVpc(scope, jsii.String("Vpc"), vpcProps)
	}
}

func addEndpoints(vpc awsec2.Vpc, extra []string) {
	for _, service := range append([]string{"ecs", "ecs-agent", "ecs-telemetry", "ecr.api", "ecr.dkr", "logs", "sqs",
		"autoscaling", "secretsmanager"}, extra...) {
		endpoint := vpc.AddInterfaceEndpoint(jsii.String("Endpoint-"+service), &awsec2.InterfaceVpcEndpointOptions{
			Service:           awsec2.NewInterfaceVpcEndpointAwsService(&service, nil, nil, nil),
			PrivateDnsEnabled: jsii.Bool(true),
		})
		// cdk-nag can't compare a CIDR that is known at deploy time only.
		accepted.On(endpoint, accepted.Finding{Rule: "CdkNagValidationFailure", Reason: "The only ingress is HTTPS from the VPC's own address range."})
	}
}

func addFlowLogs(scope constructs.Construct, vpc awsec2.Vpc, props *Props) {
	retention := props.LogRetention
	if retention == "" {
		retention = awslogs.RetentionDays_ONE_MONTH
	}
	group := awslogs.NewLogGroup(scope, jsii.String("FlowLogs"), &awslogs.LogGroupProps{
		Retention:     retention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	vpc.AddFlowLog(jsii.String("FlowLog"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(group, nil),
		TrafficType: awsec2.FlowLogTrafficType_REJECT,
	})
	accepted.OnResource(group, accepted.Finding{Rule: "CKV_AWS_158", Reason: "Flow logs hold addresses and ports; CloudWatch encrypts them with its own key."})
}

// Construct is the scope that holds the VPC.
func (n *Network) Construct() constructs.Construct { return n.construct }

// VPC is the network itself.
func (n *Network) VPC() awsec2.IVpc { return n.vpc }

// Private selects the private subnets, which have the chosen way out.
func (n *Network) Private() *awsec2.SubnetSelection {
	if n.egress == Endpoints && !n.imported {
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED}
	}
	return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
}

// String names the way out, for messages.
func (n *Network) String() string { return fmt.Sprintf("network with %s egress", n.egress) }
