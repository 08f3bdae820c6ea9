package modelservice_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/modelservice"
)

func newWarmFixture(t *testing.T) *fixture {
	f := newFixture(t)
	f.props.WarmUp = &modelservice.WarmUp{Path: "/v1/embeddings", Body: `{"input":"a"}`, Timeout: awscdk.Duration_Minutes(jsii.Number(3))}
	f.props.WorkerImage = awsecs.ContainerImage_FromRegistry(jsii.String("worker:1"), nil)
	return f
}

func TestATaskIsHealthyOnceItsModelHasServedTheWarmUp(t *testing.T) {
	f := newWarmFixture(t)
	f.props.Port, f.props.HealthPath = 9000, "/ready"
	template := f.synth(t)
	warm := container(t, template, modelservice.WarmContainer)
	require.Equal(t, "worker:1", warm["Image"])
	require.Equal(t, []any{"warm"}, warm["Command"])
	for name, value := range map[string]string{
		"TANDEM_WARM_ENDPOINT": "http://127.0.0.1:9000", "TANDEM_WARM_HEALTH_PATH": "/ready",
		"TANDEM_WARM_PATH": "/v1/embeddings", "TANDEM_WARM_BODY": `{"input":"a"}`, "TANDEM_WARM_TIMEOUT": "3m0s",
	} {
		require.Contains(t, warm["Environment"], map[string]any{"Name": name, "Value": value})
	}
	require.Equal(t, "9412", template.One(t, targetsType).Properties["HealthCheckPort"])
	require.Equal(t, 9000.0, template.One(t, targetsType).Properties["Port"], "requests go to the model")

	var ports []any
	for _, rule := range template.All("AWS::EC2::SecurityGroupIngress") {
		require.Contains(t, constructstest.Text(t, rule.Properties["SourceSecurityGroupId"]), "ServiceLoadBalancerSecurityGroup")
		ports = append(ports, rule.Properties["FromPort"])
	}
	require.ElementsMatch(t, []any{9000.0, 9412.0}, ports, "the load balancer reaches the model and its health")
}

func TestWhatWarmsUpStandsInNobodysWay(t *testing.T) {
	warm := container(t, newWarmFixture(t).synth(t), modelservice.WarmContainer)
	require.Equal(t, false, warm["Essential"], "a task whose health is unknown is taken out, and finishes its streams")
	require.Equal(t, map[string]any{"Enabled": true, "RestartAttemptPeriod": 60.0}, warm["RestartPolicy"])
	require.NotContains(t, warm, "DependsOn", "both are told of a stop at the same time")
	require.Equal(t, 64.0, warm["MemoryReservation"])
	require.Equal(t, 64.0, warm["Cpu"])
	require.Equal(t, true, warm["ReadonlyRootFilesystem"])
}

func TestWithoutAWarmUpTheModelAnswersForItsHealth(t *testing.T) {
	template := newFixture(t).synth(t)
	require.Equal(t, "8000", template.One(t, targetsType).Properties["HealthCheckPort"])
	require.Len(t, constructstest.At(t, template.One(t, "AWS::ECS::TaskDefinition").Properties, "ContainerDefinitions"), 1)
}
