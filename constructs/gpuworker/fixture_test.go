package gpuworker_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpuworker"
	"tandem/runtime/settings"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

// fixture is a stack with what a worker needs around it.
type fixture struct {
	stack awscdk.Stack
	props *gpuworker.Props
}

func newFixture(t *testing.T) *fixture {
	stack := constructstest.Stack(t)
	cluster := constructstest.Cluster(stack)
	provider := addProvider(stack, cluster)
	return &fixture{stack: stack, props: &gpuworker.Props{
		Cluster: cluster, VPC: cluster.Vpc(), Name: "analyser",
		ModelImage:  awsecs.ContainerImage_FromRegistry(jsii.String("model:1"), nil),
		WorkerImage: awsecs.ContainerImage_FromRegistry(jsii.String("worker:1"), nil),
		MemoryMiB:   12000, GPUs: 1, CPU: 3000,
		SpotProviderName: provider, OnDemandProviderName: provider,
		NodeStatusPath: "/var/lib/tandem/node",
		Settings: settings.Worker{
			State:   settings.State{Table: "table", Bucket: "bucket"},
			Release: settings.Release{Application: "tandem", Environment: "test"},
			Queues:  settings.Queues{Base: "https://sqs.test/1/", Workers: map[string]map[string]string{"analyser": {"normal": "q"}}},
			Timeout: time.Hour,
		},
	}}
}

// addProvider gives the cluster instances of any kind.
func addProvider(stack awscdk.Stack, cluster awsecs.Cluster) *string {
	group := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Instances"), &awsautoscaling.AutoScalingGroupProps{
		Vpc: cluster.Vpc(), MachineImage: awsecs.EcsOptimizedImage_AmazonLinux2023(awsecs.AmiHardwareType_GPU, nil),
		InstanceType: awsec2.NewInstanceType(jsii.String("g5.xlarge")),
	})
	provider := awsecs.NewAsgCapacityProvider(stack, jsii.String("Provider"), &awsecs.AsgCapacityProviderProps{AutoScalingGroup: group})
	cluster.AddAsgCapacityProvider(provider, nil)
	return provider.CapacityProviderName()
}

// onFargate changes the worker to one without a GPU.
func (f *fixture) onFargate() {
	f.props.GPUs, f.props.CPU, f.props.MemoryMiB = 0, 768, 3840
	f.props.SpotProviderName, f.props.OnDemandProviderName = nil, nil
}

func (f *fixture) synth(t *testing.T) constructstest.Document {
	gpuworker.New(f.stack, "Worker", f.props)
	return constructstest.Template(t, f.stack)
}

// container returns a container of the only task definition.
func container(t *testing.T, template constructstest.Document, name string) map[string]any {
	t.Helper()
	for _, definition := range containers(t, template) {
		if definition["Name"] == name {
			return definition
		}
	}
	t.Fatalf("no container %s", name)
	return nil
}

func containers(t *testing.T, template constructstest.Document) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, definition := range constructstest.At(t, template.One(t, "AWS::ECS::TaskDefinition").Properties, "ContainerDefinitions").([]any) {
		all = append(all, definition.(map[string]any))
	}
	return all
}

// variables returns a container's environment.
func variables(t *testing.T, definition map[string]any) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, entry := range definition["Environment"].([]any) {
		text, isText := constructstest.At(t, entry, "Value").(string)
		if !isText {
			text = constructstest.Text(t, constructstest.At(t, entry, "Value"))
		}
		all[constructstest.At(t, entry, "Name").(string)] = text
	}
	return all
}
