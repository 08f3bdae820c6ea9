package network

import "github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

// Egress is how private subnets reach what is outside the VPC.
type Egress string

const (
	// NATGateway is managed and redundant: about 33 USD a month each and 0.045 USD a GB
	// (us-east-1, https://aws.amazon.com/vpc/pricing, 2026-11-24).
	NATGateway Egress = "nat-gateway"
	// NATInstance is one t4g.nano, about 3 USD a month; when it fails, egress stops until it is replaced by hand.
	NATInstance Egress = "nat-instance"
	// Endpoints has no way to the internet at all, only interface endpoints to AWS:
	// about 7.3 USD a month each and zone (us-east-1, https://aws.amazon.com/privatelink/pricing, 2026-11-24).
	Endpoints Egress = "endpoints"
)

// Props of a [Network].
type Props struct {
	// Zones to spread over. They are named, as synth never looks anything up.
	//
	// Required.
	Zones []string
	// CIDR of the new VPC.
	//
	// Default: 10.40.0.0/16.
	CIDR string
	// Egress of the private subnets.
	//
	// Default: NATGateway.
	Egress Egress
	// NATGateways, one a zone at most.
	//
	// Default: 1.
	NATGateways int
	// EndpointServices are AWS services reached beside the usual ones when Egress is Endpoints, such as bedrock-runtime.
	//
	// Default: - none.
	EndpointServices []string
	// FlowLogs records rejected traffic.
	//
	// Default: false.
	FlowLogs bool
	// LogRetention of the flow logs.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
	// Import uses a VPC that exists instead of creating one.
	//
	// Default: - a new VPC.
	Import *Import
}

// Import names an existing VPC. How its private subnets reach AWS is the
// business of whoever made it.
type Import struct {
	// VPCID, such as vpc-0123456789abcdef0.
	//
	// Required.
	VPCID string
	// Region that the VPC is in.
	//
	// Required.
	Region string
	// PrivateSubnetIDs, one for each zone and in that order.
	//
	// Required.
	PrivateSubnetIDs []string
	// PublicSubnetIDs, one for each zone and in that order.
	//
	// Default: - none.
	PublicSubnetIDs []string
}
