package gpucapacity

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GPUCapacity is a spot and an on-demand group of GPU instances.
type GPUCapacity struct {
	construct     constructs.Construct
	stack         awscdk.Stack
	props         Props
	role          awsiam.Role
	securityGroup awsec2.SecurityGroup
	// instances is the ARN of all of the cluster.
	instances *string
	minute    awscdk.Duration
	spot      *purchase
	onDemand  *purchase
}

// New creates the groups and adds their capacity providers to the cluster. It
// panics, with the construct's path, when a required prop is missing; values
// that AWS would refuse become error annotations.
func New(scope constructs.Construct, id string, props *Props) *GPUCapacity {
	this := constructs.NewConstruct(scope, &id)
	stack := awscdk.Stack_Of(this)
	required(this, stack, props)
	c := &GPUCapacity{construct: this, stack: stack, props: validate(this, props.withDefaults())}

	c.securityGroup = awsec2.NewSecurityGroup(this, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:         c.props.VPC,
		Description: jsii.String("GPU instances: nothing in, everything out"),
	})
	c.instances, c.minute = containerInstances(stack, c.props.Cluster.ClusterName()), minutes(1)
	c.role = newInstanceRole(this, stack, c.props, c.instances)
	shared := c.newShared()
	if c.props.SpotMaximum > 0 {
		c.spot = c.newPurchase("Spot", c.props.SpotMaximum, spotDistribution(), shared)
	}
	if c.props.OnDemandMaximum > 0 {
		c.onDemand = c.newPurchase("OnDemand", c.props.OnDemandMaximum, onDemandDistribution(), shared)
		c.onDemand.fillFirst(c.props.Reservations)
	}
	c.emptyOnDelete()
	return c
}

// purchases are the groups that there are, spot first.
func (c *GPUCapacity) purchases() []*purchase {
	var all []*purchase
	for _, p := range []*purchase{c.spot, c.onDemand} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

func (c *GPUCapacity) groupARNs() []*string {
	var arns []*string
	for _, p := range c.purchases() {
		arns = append(arns, &p.groupARN)
	}
	return arns
}

func minutes(count float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(count)) }
