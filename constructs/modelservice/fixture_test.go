package modelservice_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

// fixture is a stack with what a service needs around it.
type fixture struct {
	stack awscdk.Stack
	props *modelservice.Props
}

func newFixture(t *testing.T) *fixture { return fixtureIn(constructstest.Stack(t)) }

func fixtureIn(stack awscdk.Stack) *fixture {
	cluster := constructstest.Cluster(stack)
	addInstances(stack, cluster)
	return &fixture{stack: stack, props: &modelservice.Props{
		Cluster: cluster, VPC: cluster.Vpc(), Name: "llama", GPUs: 1, MemoryMiB: 12000, CPU: 3000,
		Image:            awsecs.ContainerImage_FromRegistry(jsii.String("vllm:1"), nil),
		SpotProviderName: jsii.String("spot"), OnDemandProviderName: jsii.String("on-demand"), OnDemandBase: 1,
		Minimum: 1, Maximum: 4,
	}}
}

// addInstances gives the cluster instances of any kind, without which the CDK
// refuses a service.
func addInstances(stack awscdk.Stack, cluster awsecs.Cluster) {
	group := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Instances"), &awsautoscaling.AutoScalingGroupProps{
		Vpc: cluster.Vpc(), MachineImage: awsecs.EcsOptimizedImage_AmazonLinux2023(awsecs.AmiHardwareType_GPU, nil),
		InstanceType: awsec2.NewInstanceType(jsii.String("g5.xlarge")),
	})
	cluster.AddAsgCapacityProvider(awsecs.NewAsgCapacityProvider(stack, jsii.String("Provider"),
		&awsecs.AsgCapacityProviderProps{AutoScalingGroup: group}), nil)
}

func (f *fixture) synth(t *testing.T) constructstest.Document {
	modelservice.New(f.stack, "Service", f.props)
	return constructstest.Template(t, f.stack)
}

// container returns a container of the only task definition.
func container(t *testing.T, template constructstest.Document, name string) map[string]any {
	t.Helper()
	for _, definition := range constructstest.At(t, template.One(t, "AWS::ECS::TaskDefinition").Properties, "ContainerDefinitions").([]any) {
		if constructstest.At(t, definition, "Name") == name {
			return definition.(map[string]any)
		}
	}
	t.Fatalf("no container %s", name)
	return nil
}

// attributes returns the key-value attributes of a load balancer or target group.
func attributes(t *testing.T, properties map[string]any, list string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, entry := range properties[list].([]any) {
		all[constructstest.At(t, entry, "Key").(string)] = constructstest.At(t, entry, "Value")
	}
	return all
}
