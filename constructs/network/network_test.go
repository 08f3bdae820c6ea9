package network_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/network"
)

var zones = []string{"us-east-1a", "us-east-1b"}

func TestEgressIsAChoice(t *testing.T) {
	for name, test := range map[string]struct {
		props                             network.Props
		gateways, instances, interfaces   int
		internetGateways, subnetsInEachAZ int
	}{
		"one gateway by default":      {network.Props{}, 1, 0, 0, 1, 2},
		"a gateway a zone":            {network.Props{NATGateways: 2}, 2, 0, 0, 1, 2},
		"an instance":                 {network.Props{Egress: network.NATInstance}, 0, 1, 0, 1, 2},
		"endpoints and no internet":   {network.Props{Egress: network.Endpoints}, 0, 0, 9, 0, 1},
		"endpoints for a provider as": {network.Props{Egress: network.Endpoints, EndpointServices: []string{"bedrock-runtime"}}, 0, 0, 10, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stack := constructstest.Stack(t)
			test.props.Zones = zones
			network.New(stack, "Network", &test.props)
			constructstest.Nag(stack)
			template := constructstest.Template(t, stack)

			require.Len(t, template.All("AWS::EC2::NatGateway"), test.gateways)
			require.Len(t, template.All("AWS::EC2::Instance"), test.instances)
			require.Len(t, template.All("AWS::EC2::VPCEndpoint"), test.interfaces+2, "and the gateway endpoints of S3 and DynamoDB")
			require.Len(t, template.All("AWS::EC2::InternetGateway"), test.internetGateways)
			require.Len(t, template.All("AWS::EC2::Subnet"), 2*test.subnetsInEachAZ)
			constructstest.RequireNoFindings(t, stack)
		})
	}
}

func TestTheNATInstanceRequiresIMDSv2AndListensToTheVPCOnly(t *testing.T) {
	stack := constructstest.Stack(t)
	network.New(stack, "Network", &network.Props{Zones: zones, Egress: network.NATInstance})
	template := constructstest.Template(t, stack)

	require.Equal(t, "required", constructstest.At(t, template.One(t, "AWS::EC2::Instance").Properties, "MetadataOptions", "HttpTokens"))
	group := template.One(t, "AWS::EC2::SecurityGroup")
	require.Len(t, constructstest.At(t, group.Properties, "SecurityGroupIngress"), 1)
	require.NotContains(t, constructstest.Text(t, group.Properties["SecurityGroupIngress"]), "0.0.0.0/0")
}

func TestAnImportedNetworkCreatesNothing(t *testing.T) {
	stack := constructstest.Stack(t)
	imported := network.New(stack, "Network", &network.Props{
		Zones:  zones,
		Import: &network.Import{VPCID: "vpc-0123", Region: "us-east-1", PrivateSubnetIDs: []string{"subnet-a", "subnet-b"}},
	})
	selected := imported.VPC().SelectSubnets(imported.Private())
	require.Equal(t, []string{"subnet-a", "subnet-b"}, stringsOf(*selected.SubnetIds))
	awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: imported.VPC()})
	template := constructstest.Template(t, stack)

	require.Empty(t, template.All("AWS::EC2::VPC"))
	require.Equal(t, "vpc-0123", template.One(t, "AWS::EC2::SecurityGroup").Properties["VpcId"])
	require.Empty(t, constructstest.Findings(t, stack))
}

func TestFlowLogsRecordWhatIsRejected(t *testing.T) {
	stack := constructstest.Stack(t)
	network.New(stack, "Network", &network.Props{Zones: zones, FlowLogs: true})
	constructstest.Nag(stack)
	require.Equal(t, "REJECT", constructstest.Template(t, stack).One(t, "AWS::EC2::FlowLog").Properties["TrafficType"])
	constructstest.RequireNoFindings(t, stack)
}

func TestZonesAreRequired(t *testing.T) {
	require.PanicsWithValue(t, "Test/Network: network.Props.Zones is required", func() {
		network.New(constructstest.Stack(t), "Network", &network.Props{})
	})
}

func stringsOf(pointers []*string) []string {
	var values []string
	for _, pointer := range pointers {
		values = append(values, *pointer)
	}
	return values
}
