package gpuworker_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpuworker"
)

func TestTemplatesLeaveTheNumberOfTasksToTheController(t *testing.T) {
	services := newFixture(t).synth(t).All("AWS::ECS::Service")
	require.Len(t, services, 2)
	for _, service := range services {
		require.Equal(t, 0.0, service.Properties["DesiredCount"])
	}
}

func TestADeploymentExchangesTasksAndStartsNoMoreInstances(t *testing.T) {
	for _, service := range newFixture(t).synth(t).All("AWS::ECS::Service") {
		require.Equal(t, map[string]any{"MinimumHealthyPercent": 0.0, "MaximumPercent": 100.0}, service.Properties["DeploymentConfiguration"],
			"and no circuit breaker, which a busy task would make trip over spot reclaims")
		require.Equal(t, "DISABLED", service.Properties["AvailabilityZoneRebalancing"])
	}
}

func TestEachPurchaseOptionHasItsService(t *testing.T) {
	f := newFixture(t)
	f.props.OnDemandProviderName = jsii.String("on-demand")
	f.props.SpotProviderName = jsii.String("spot")
	worker := gpuworker.New(f.stack, "Worker", f.props)
	require.NotNil(t, worker.SpotService())
	require.NotNil(t, worker.OnDemandService())
	require.Len(t, worker.Services(), 2)
	template := constructstest.Template(t, f.stack)
	for prefix, provider := range map[string]string{"WorkerSpot": "spot", "WorkerOnDemand": "on-demand"} {
		for _, service := range template.All("AWS::ECS::Service") {
			if strings.HasPrefix(service.ID, prefix) {
				require.Equal(t, []any{map[string]any{"CapacityProvider": provider, "Weight": 1.0}}, service.Properties["CapacityProviderStrategy"])
				require.Equal(t, []any{map[string]any{"Field": "MEMORY", "Type": "binpack"}}, service.Properties["PlacementStrategies"])
			}
		}
	}
}

func TestAPurchaseOptionWithoutAProviderHasNoService(t *testing.T) {
	t.Run("no spot", func(t *testing.T) {
		f := newFixture(t)
		f.props.SpotProviderName = nil
		worker := gpuworker.New(f.stack, "Worker", f.props)
		require.Nil(t, worker.SpotService())
		require.NotNil(t, worker.OnDemandService())
		require.Len(t, worker.Services(), 1)
	})
	t.Run("no on-demand", func(t *testing.T) {
		f := newFixture(t)
		f.props.OnDemandProviderName = nil
		worker := gpuworker.New(f.stack, "Worker", f.props)
		require.Nil(t, worker.OnDemandService())
		require.NotNil(t, worker.SpotService())
	})
}

func TestWithoutAGPUTheSameTaskRunsOnFargate(t *testing.T) {
	f := newFixture(t)
	f.onFargate()
	template := f.synth(t)

	task := template.One(t, "AWS::ECS::TaskDefinition").Properties
	require.Equal(t, []any{"FARGATE"}, task["RequiresCompatibilities"])
	require.Equal(t, "1024", task["Cpu"])
	require.Equal(t, "4096", task["Memory"])
	require.Equal(t, "X86_64", constructstest.At(t, task, "RuntimePlatform", "CpuArchitecture"))
	require.NotContains(t, task, "Volumes", "there is no host to share anything with")
	model := container(t, template, gpuworker.ModelContainer)
	require.NotContains(t, model, "ResourceRequirements")
	require.NotContains(t, model["LinuxParameters"], "SharedMemorySize")
	require.NotContains(t, container(t, template, gpuworker.WorkerContainer), "DockerSecurityOptions")

	var providers []any
	for _, service := range template.All("AWS::ECS::Service") {
		providers = append(providers, constructstest.At(t, service.Properties, "CapacityProviderStrategy", 0, "CapacityProvider"))
		require.Equal(t, 0.0, service.Properties["DesiredCount"])
		require.Equal(t, map[string]any{"MinimumHealthyPercent": 0.0, "MaximumPercent": 100.0}, service.Properties["DeploymentConfiguration"])
		require.Equal(t, "DISABLED", constructstest.At(t, service.Properties, "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"))
	}
	require.ElementsMatch(t, []any{"FARGATE_SPOT", "FARGATE"}, providers)
}

func TestNobodyReachesATask(t *testing.T) {
	template := newFixture(t).synth(t)
	require.Empty(t, template.All("AWS::EC2::SecurityGroupIngress"))
	for _, group := range template.All("AWS::EC2::SecurityGroup") {
		require.NotContains(t, group.Properties, "SecurityGroupIngress")
	}
}

func TestATaskMayProtectItselfAndOthersOfItsClusterAlone(t *testing.T) {
	template := newFixture(t).synth(t)
	for _, action := range []string{"ecs:UpdateTaskProtection", "ecs:GetTaskProtection"} {
		resources := template.Allowed(t, "WorkerProtection", action)
		require.Len(t, resources, 1)
		require.Contains(t, resources[0], ":task/")
		require.Contains(t, resources[0], "ClusterEB0386A7")
	}
}

func TestGrantsNameTheServices(t *testing.T) {
	f := newFixture(t)
	worker := gpuworker.New(f.stack, "Worker", f.props)
	role := awsiam.NewRole(f.stack, jsii.String("Controller"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	worker.GrantScale(role)
	template := constructstest.Template(t, f.stack)
	require.Len(t, template.Allowed(t, "Controller", "ecs:UpdateService"), 2)
	for _, metric := range worker.MetricRunning(nil) {
		require.Equal(t, "RunningTaskCount", *metric.MetricName())
	}
	require.Len(t, worker.MetricRunning(nil), 2)
	require.Equal(t, "DesiredTaskCount", *worker.MetricDesired(nil)[0].MetricName())
	require.Equal(t, "PendingTaskCount", *worker.MetricPending(nil)[0].MetricName())
}
