package checks

import (
	"slices"
	"strings"
)

const typeSubnet = "AWS::EC2::Subnet"

// exit is how a subnet reaches what is outside its VPC.
type exit int

const (
	// noExit has no default route, publicExit one through an internet gateway,
	// which only serves what has a public address.
	noExit exit = iota
	publicExit
	anyExit
)

// egress tells of a subnet that is in the assembly.
func (m *model) egress(subnet *resource) exit {
	best := noExit
	for _, table := range m.routeTables(subnet) {
		for _, route := range m.All("AWS::EC2::Route") {
			if route.Prop("RouteTableId").Ref("AWS::EC2::RouteTable") != table || !route.Prop("DestinationCidrBlock").Is("0.0.0.0/0") {
				continue
			}
			through := anyExit
			gateway := route.Prop("GatewayId")
			if literal, _ := gateway.Literal(); gateway.Ref("AWS::EC2::InternetGateway") != nil || strings.HasPrefix(literal, "igw-") {
				through = publicExit
			}
			best = max(best, through)
		}
	}
	return best
}

func (m *model) routeTables(subnet *resource) []*resource {
	var found []*resource
	for _, r := range m.All("AWS::EC2::SubnetRouteTableAssociation") {
		if table := r.Prop("RouteTableId").Ref("AWS::EC2::RouteTable"); table != nil && r.Prop("SubnetId").Ref(typeSubnet) == subnet {
			found = append(found, table)
		}
	}
	return found
}

// endpoints are the AWS services that a subnet reaches inside its VPC, such as sqs.
func (m *model) endpoints(subnet *resource) []string {
	tables := m.routeTables(subnet)
	vpc := subnet.Prop("VpcId").Ref("AWS::EC2::VPC")
	var found []string
	for _, r := range m.All("AWS::EC2::VPCEndpoint") {
		if vpc == nil || r.Prop("VpcId").Ref("AWS::EC2::VPC") != vpc {
			continue
		}
		if r.Prop("VpcEndpointType").Is("Interface") {
			if !r.Prop("PrivateDnsEnabled").IsTrue() {
				continue
			}
		} else if !slices.ContainsFunc(r.Prop("RouteTableIds").Refs(), func(table *resource) bool { return slices.Contains(tables, table) }) {
			continue
		}
		found = append(found, endpointService(r.Prop("ServiceName").Text()))
	}
	return found
}

// endpointService is sqs for com.amazonaws.eu-west-1.sqs, and ecr.api for
// com.amazonaws.eu-west-1.ecr.api. The region may be a token.
func endpointService(name string) string {
	for _, prefix := range []string{"com.amazonaws.", "cn.com.amazonaws.", "aws."} {
		if rest, found := strings.CutPrefix(name, prefix); found {
			_, service, _ := strings.Cut(rest, ".")
			return service
		}
	}
	return name
}

// subnets are those of a property that are in the assembly.
func subnets(v value) []*resource {
	var found []*resource
	for _, r := range v.Refs() {
		if r.Type == typeSubnet {
			found = append(found, r)
		}
	}
	return found
}

// firstOf stops at the first subnet that is flawed: those of one VPC are alike,
// and one mistake should be one message.
func firstOf(subnets []*resource, judge func(subnet *resource) (flawed bool)) {
	for _, subnet := range subnets {
		if judge(subnet) {
			return
		}
	}
}

// endpointOf is the endpoint that serves an action's prefix. What is not
// listed is called by AWS itself on behalf of a program, or by nobody here.
func endpointOf(prefix string) string {
	return map[string]string{
		"sqs": "sqs", "sns": "sns", "s3": "s3", "dynamodb": "dynamodb", "events": "events", "states": "states",
		"ecs": "ecs", "autoscaling": "autoscaling", "application-autoscaling": "application-autoscaling",
		"elasticloadbalancing": "elasticloadbalancing", "lambda": "lambda", "execute-api": "execute-api",
		"secretsmanager": "secretsmanager", "ssm": "ssm", "cloudwatch": "monitoring", "bedrock": "bedrock-runtime",
		"sagemaker": "sagemaker.runtime",
	}[prefix]
}

// called are the endpoints that a role's program needs, by what it may do,
// sorted.
func (m *model) called(role *resource) []string {
	var found []string
	for _, s := range m.granted(role) {
		for _, action := range s.actions {
			prefix, _, _ := strings.Cut(action, ":")
			if endpoint := endpointOf(prefix); endpoint != "" {
				found = append(found, endpoint)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// without are the wanted that are not there.
func without(wanted, there []string) []string {
	var missing []string
	for _, each := range wanted {
		if !slices.Contains(there, each) && !slices.Contains(missing, each) {
			missing = append(missing, each)
		}
	}
	return missing
}
