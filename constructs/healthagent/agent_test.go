package healthagent_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/healthagent"
	"tandem/runtime/settings"
)

func TestMain(m *testing.M) { constructstest.Main(m) }

func newFixture(t *testing.T) (awscdk.Stack, *healthagent.Props) {
	stack := constructstest.Stack(t)
	cluster := constructstest.Cluster(stack)
	group := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Instances"), &awsautoscaling.AutoScalingGroupProps{
		Vpc: cluster.Vpc(), MachineImage: awsecs.EcsOptimizedImage_AmazonLinux2023(awsecs.AmiHardwareType_GPU, nil),
		InstanceType: awsec2.NewInstanceType(jsii.String("g5.xlarge")),
	})
	cluster.AddAsgCapacityProvider(awsecs.NewAsgCapacityProvider(stack, jsii.String("Provider"),
		&awsecs.AsgCapacityProviderProps{AutoScalingGroup: group}), nil)
	return stack, &healthagent.Props{
		Cluster: cluster, Groups: []awsautoscaling.IAutoScalingGroup{group},
		Image:    awsecs.ContainerImage_FromRegistry(jsii.String("agent:1"), nil),
		Settings: settings.Agent{Mode: healthagent.ModeProtect, Table: "table"},
	}
}

func synth(t *testing.T, change func(*healthagent.Props)) constructstest.Document {
	t.Helper()
	stack, props := newFixture(t)
	if change != nil {
		change(props)
	}
	healthagent.New(stack, "Agent", props)
	return constructstest.Template(t, stack)
}

func container(t *testing.T, template constructstest.Document) map[string]any {
	t.Helper()
	return constructstest.At(t, template.One(t, "AWS::ECS::TaskDefinition").Properties, "ContainerDefinitions", 0).(map[string]any)
}

func TestTheAgentIsADaemonAndSoKeepsNoIdleInstanceAlive(t *testing.T) {
	service := synth(t, nil).One(t, "AWS::ECS::Service").Properties
	require.Equal(t, "DAEMON", service["SchedulingStrategy"])
	require.NotContains(t, service, "DesiredCount")
	require.NotContains(t, service, "CapacityProviderStrategy", "ECS refuses one on a daemon")
	require.Equal(t, "EC2", service["LaunchType"])
}

func TestABadReleaseOfTheAgentIsTakenBack(t *testing.T) {
	deployment := synth(t, nil).One(t, "AWS::ECS::Service").Properties["DeploymentConfiguration"]
	require.Equal(t, map[string]any{"Enable": true, "Rollback": true}, constructstest.At(t, deployment, "DeploymentCircuitBreaker"))
	require.Equal(t, 100.0, constructstest.At(t, deployment, "MaximumPercent"), "two agents on one host would write one file")
	require.Equal(t, 0.0, constructstest.At(t, deployment, "MinimumHealthyPercent"))
}

func TestTheAgentSeesTheHostAndWritesToOneFolderOfIt(t *testing.T) {
	template := synth(t, nil)
	task, agent := template.One(t, "AWS::ECS::TaskDefinition").Properties, container(t, template)
	require.Equal(t, "host", task["NetworkMode"])
	require.Equal(t, true, agent["Privileged"])
	require.Equal(t, true, agent["ReadonlyRootFilesystem"])
	require.Equal(t, []any{
		map[string]any{"Name": "node-status", "Host": map[string]any{"SourcePath": "/var/lib/tandem/node"}},
		map[string]any{"Name": "nvml", "Host": map[string]any{"SourcePath": "/usr/lib64/libnvidia-ml.so.1"}},
		map[string]any{"Name": "kernel-log", "Host": map[string]any{"SourcePath": "/dev/kmsg"}},
	}, task["Volumes"])
	require.Equal(t, []any{
		map[string]any{"SourceVolume": "node-status", "ContainerPath": "/var/lib/tandem/node", "ReadOnly": false},
		map[string]any{"SourceVolume": "nvml", "ContainerPath": "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "ReadOnly": true},
		map[string]any{"SourceVolume": "kernel-log", "ContainerPath": "/dev/kmsg", "ReadOnly": true},
	}, agent["MountPoints"])
}

func TestTheAgentTakesNoGPUFromWorkers(t *testing.T) {
	agent := container(t, synth(t, nil))
	require.NotContains(t, agent, "ResourceRequirements")
	require.Equal(t, 128.0, agent["Memory"])
	require.Equal(t, 128.0, agent["Cpu"])
}

func TestTheAgentIsToldItsClusterAndWhereToWrite(t *testing.T) {
	agent := container(t, synth(t, func(p *healthagent.Props) { p.NodeStatusPath = "/srv/node" }))
	environment := constructstest.Text(t, agent["Environment"])
	require.Contains(t, environment, `{"Name":"TANDEM_NODE_STATUS_FILE","Value":"/srv/node/node-status.json"}`)
	require.Contains(t, environment, `{"Name":"TANDEM_CLUSTER","Value":{"Ref":"ClusterEB0386A7"}}`)
	require.Contains(t, environment, `{"Name":"TANDEM_AGENT_MODE","Value":"protect"}`)
	require.Contains(t, environment, `{"Name":"TANDEM_STATE_TABLE","Value":"table"}`)
	require.Contains(t, environment, `{"Name":"AWS_REGION","Value":"us-east-1"}`)
}

func TestTheAgentMayDrainAndReplaceInstancesOfItsGroupsAlone(t *testing.T) {
	template := synth(t, nil)
	var actions []string
	for _, statement := range template.Statements(t) {
		if !strings.HasPrefix(statement.Policy, "AgentPolicy") {
			continue
		}
		actions = append(actions, statement.Action)
		require.NotEqual(t, "*", statement.Resource)
		wanted := "ClusterEB0386A7"
		if statement.Action == "autoscaling:SetInstanceHealth" {
			wanted = "InstancesASG"
		}
		require.Contains(t, statement.Resource, wanted, statement.Action)
	}
	require.Equal(t, []string{
		"autoscaling:SetInstanceHealth", "ecs:DescribeContainerInstances", "ecs:ListContainerInstances", "ecs:UpdateContainerInstancesState",
	}, actions)
}

func TestTheRightsHoldForInstancesOfThisClusterAlone(t *testing.T) {
	limited := 0
	for _, policy := range synth(t, nil).All("AWS::IAM::Policy") {
		if strings.HasPrefix(policy.ID, "AgentPolicy") {
			limited += strings.Count(constructstest.Text(t, policy.Properties), `"ArnEquals":{"ecs:cluster":{"Fn::GetAtt":["ClusterEB0386A7","Arn"]}}`)
		}
	}
	require.Equal(t, 2, limited, "to look at an instance and to drain it")
}

func TestAlarmsAreRaisedOnWhatTheAgentsWrite(t *testing.T) {
	stack, props := newFixture(t)
	agent := healthagent.New(stack, "Agent", props)
	for _, name := range settings.AgentMetrics() {
		metric := agent.Metric(name, nil)
		require.Equal(t, "Tandem/GPU", *metric.Namespace())
		require.Equal(t, name, *metric.MetricName())
		require.Contains(t, *metric.Dimensions(), "Cluster")
	}
	require.Equal(t, "ImpairedInstances", *agent.MetricImpairedInstances(nil).MetricName())
	require.Equal(t, "BlindInstances", *agent.MetricBlindInstances(nil).MetricName())
}

func TestAnAgentThatObservesMayNotAct(t *testing.T) {
	for name, mode := range map[string]string{"by default": "", "as asked": healthagent.ModeObserve} {
		t.Run(name, func(t *testing.T) {
			template := synth(t, func(p *healthagent.Props) { p.Settings.Mode = mode })
			require.Empty(t, template.Allowed(t, "AgentPolicy", "ecs:UpdateContainerInstancesState"))
			require.Empty(t, template.Allowed(t, "AgentPolicy", "autoscaling:SetInstanceHealth"))
			require.Len(t, template.Allowed(t, "AgentPolicy", "ecs:DescribeContainerInstances"), 1)
		})
	}
}

func TestAnAgentThatNoLongerAnswersIsReplaced(t *testing.T) {
	require.Equal(t, []any{"CMD", "/gpuagent", "health"}, constructstest.At(t, container(t, synth(t, nil)), "HealthCheck", "Command"))
}

func TestAForgottenPropIsNamedWithThePath(t *testing.T) {
	stack, props := newFixture(t)
	props.Groups = nil
	require.PanicsWithValue(t, "Test/Agent: healthagent.Props.Groups is required", func() { healthagent.New(stack, "Agent", props) })
}

func TestAnUnknownModeIsRefused(t *testing.T) {
	stack, props := newFixture(t)
	props.Settings.Mode = "destroy"
	require.PanicsWithValue(t, `Test/Agent: healthagent.Props.Settings.Mode is "destroy", and there are only observe and protect`,
		func() { healthagent.New(stack, "Agent", props) })
}

func TestTheCheckersFindNothingThatIsNotExplained(t *testing.T) {
	stack, props := newFixture(t)
	healthagent.New(stack, "Agent", props)
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)
	constructstest.RequireNoFindingsBelow(t, stack, "/Test/Agent")
	for _, statement := range template.Wildcards(t) {
		require.NotContains(t, statement.Policy, "Agent")
	}
}
