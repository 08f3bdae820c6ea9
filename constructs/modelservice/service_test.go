package modelservice_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

func TestTheBaseRunsOnDemandAndTheRestOnSpot(t *testing.T) {
	spot := map[string]any{"CapacityProvider": "spot", "Weight": 1.0}
	for name, test := range map[string]struct {
		change func(*modelservice.Props)
		want   []any
	}{
		"both":           {nil, []any{map[string]any{"CapacityProvider": "on-demand", "Base": 1.0, "Weight": 0.0}, spot}},
		"no base":        {func(p *modelservice.Props) { p.OnDemandBase = 0 }, []any{spot}},
		"no on-demand":   {func(p *modelservice.Props) { p.OnDemandBase, p.OnDemandProviderName = 0, nil }, []any{spot}},
		"no spot at all": {func(p *modelservice.Props) { p.SpotProviderName = nil }, []any{map[string]any{"CapacityProvider": "on-demand", "Weight": 1.0}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			if test.change != nil {
				test.change(f.props)
			}
			require.Equal(t, test.want, f.synth(t).One(t, "AWS::ECS::Service").Properties["CapacityProviderStrategy"])
		})
	}
}

func TestADeployDoesNotResetWhatScalingHasSet(t *testing.T) {
	require.NotContains(t, newFixture(t).synth(t).One(t, "AWS::ECS::Service").Properties, "DesiredCount")
}

func TestAServiceThatMaySleepIsCreatedAsleep(t *testing.T) {
	f := newFixture(t)
	f.props.Minimum = 0
	require.Equal(t, 0.0, f.synth(t).One(t, "AWS::ECS::Service").Properties["DesiredCount"])
}

func TestADeploymentLosesNoRequestAndOneThatFailsIsTakenBack(t *testing.T) {
	service := newFixture(t).synth(t).One(t, "AWS::ECS::Service").Properties
	require.Equal(t, map[string]any{
		"MinimumHealthyPercent": 100.0, "MaximumPercent": 200.0,
		"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true},
	}, service["DeploymentConfiguration"])
	require.Equal(t, "DISABLED", service["AvailabilityZoneRebalancing"])
}

func TestATaskThatLoadsItsModelIsNotTakenForASickOne(t *testing.T) {
	f := newFixture(t)
	f.props.ColdStart = awscdk.Duration_Minutes(jsii.Number(20))
	require.Equal(t, 1260.0, f.synth(t).One(t, "AWS::ECS::Service").Properties["HealthCheckGracePeriodSeconds"])
}

func TestTheModelHasItsGPUsAndItsEnvironment(t *testing.T) {
	f := newFixture(t)
	f.props.Command, f.props.Environment = []string{"--model", "/models"}, map[string]string{"A": "b"}
	f.props.SharedMemoryMiB = 2000
	model := container(t, f.synth(t), modelservice.ModelContainer)
	require.Equal(t, []any{map[string]any{"Type": "GPU", "Value": "1"}}, model["ResourceRequirements"])
	require.Equal(t, 12000.0, model["Memory"])
	require.Equal(t, 3000.0, model["Cpu"])
	require.Equal(t, 2000.0, constructstest.At(t, model, "LinuxParameters", "SharedMemorySize"))
	require.Equal(t, []any{"--model", "/models"}, model["Command"])
	require.Contains(t, model["Environment"], map[string]any{"Name": "A", "Value": "b"})
	require.Contains(t, model["Environment"], map[string]any{"Name": "AWS_REGION", "Value": constructstest.Region})
	require.Equal(t, 8000.0, constructstest.At(t, model, "PortMappings", 0, "ContainerPort"))
}

func TestWeightsAreFetchedBeforeTheModelStarts(t *testing.T) {
	f := newFixture(t)
	f.props.Weights = &modelservice.Weights{URI: "s3://models/llama/"}
	f.props.WorkerImage = awsecs.ContainerImage_FromRegistry(jsii.String("worker:1"), nil)
	template := f.synth(t)
	model, fetch := container(t, template, modelservice.ModelContainer), container(t, template, "fetch")
	require.Equal(t, []any{map[string]any{"ContainerName": "fetch", "Condition": "SUCCESS"}}, model["DependsOn"])
	require.Equal(t, "/models", constructstest.At(t, model, "MountPoints", 0, "ContainerPath"))
	require.Equal(t, true, constructstest.At(t, model, "MountPoints", 0, "ReadOnly"))
	require.Equal(t, "worker:1", fetch["Image"])
	require.Equal(t, 256.0, fetch["MemoryReservation"], "what ECS counts when it looks for an instance")
	require.Equal(t, 256.0, fetch["Cpu"])
}
