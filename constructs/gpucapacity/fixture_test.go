package gpucapacity_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
	"tandem/constructs/constructstest"
	"tandem/constructs/gpucapacity"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

// fixture is a stack with what a group needs around it.
type fixture struct {
	stack   awscdk.Stack
	cluster awsecs.Cluster
	props   *gpucapacity.Props
}

func newFixture(t *testing.T) *fixture { return fixtureIn(constructstest.Stack(t)) }

func fixtureIn(stack awscdk.Stack) *fixture {
	cluster := constructstest.Cluster(stack)
	return &fixture{stack: stack, cluster: cluster, props: &gpucapacity.Props{
		Cluster: cluster, VPC: cluster.Vpc(), InstanceTypes: []string{"g5.xlarge", "g4dn.xlarge", "g6.xlarge"}, GPUs: 1,
		EmptyFunction: emptyFunction(stack), SpotMaximum: 10, OnDemandMaximum: 2,
	}}
}

func emptyFunction(stack awscdk.Stack) awslambda.IFunction {
	function := awslambda.NewFunction(stack, jsii.String("EmptyFunction"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"),
		Code: awslambda.Code_FromBucketV2(bucket(stack), jsii.String("code.zip"), &awslambda.BucketOptions{ObjectVersion: jsii.String("1")}),
	})
	accepted.On(function, accepted.Finding{Rule: "AwsSolutions-IAM4", Reason: "this function is a test's surroundings and is never deployed"})
	return function
}

// synth creates the group and returns the template.
func (f *fixture) synth(t *testing.T) constructstest.Document {
	gpucapacity.New(f.stack, "Group", f.props)
	return constructstest.Template(t, f.stack)
}

// group returns the Auto Scaling group whose maximum is as given.
func group(t *testing.T, template constructstest.Document, maximum string) constructstest.Resource {
	t.Helper()
	for _, resource := range template.All("AWS::AutoScaling::AutoScalingGroup") {
		if resource.Properties["MaxSize"] == maximum {
			return resource
		}
	}
	t.Fatalf("no group with a maximum of %s", maximum)
	return constructstest.Resource{}
}

func subnets(cluster awsecs.Cluster) *awsec2.SubnetSelection {
	return &awsec2.SubnetSelection{Subnets: &[]awsec2.ISubnet{(*cluster.Vpc().PrivateSubnets())[0]}}
}

func bucket(stack awscdk.Stack) awss3.IBucket {
	return awss3.Bucket_FromBucketName(stack, jsii.String("Code"), jsii.String("code"))
}
