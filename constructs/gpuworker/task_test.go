package gpuworker_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpuworker"
)

func TestTheWorkerStartsAfterTheModelAndIsStoppedBeforeIt(t *testing.T) {
	template := newFixture(t).synth(t)
	require.Equal(t, []any{map[string]any{"ContainerName": "model", "Condition": "START"}},
		container(t, template, gpuworker.WorkerContainer)["DependsOn"])
	require.NotContains(t, container(t, template, gpuworker.ModelContainer), "DependsOn")
}

func TestAllContainersHaveEndedBeforeASpotInstanceIsReclaimed(t *testing.T) {
	for _, mode := range []string{gpuworker.ModeServer, gpuworker.ModeExec} {
		for _, seconds := range []float64{1, 85, 90} {
			t.Run(fmt.Sprintf("%s with %v s", mode, seconds), func(t *testing.T) {
				f := newFixture(t)
				f.props.Mode, f.props.Command = mode, []string{"analyse"}
				f.props.StopTimeout = awscdk.Duration_Seconds(jsii.Number(seconds))
				sum, longest := 0.0, 0.0
				for _, definition := range containers(t, f.synth(t)) {
					if definition["Essential"] == true {
						stop := definition["StopTimeout"].(float64)
						sum, longest = sum+stop, max(longest, stop)
					}
				}
				require.LessOrEqual(t, sum, 110.0, "one is stopped after the other")
				require.Greater(t, longest, seconds, "the worker must not be killed at the end of its own limit")
			})
		}
	}
}

func TestTheWorkerKnowsTheTimeItHas(t *testing.T) {
	f := newFixture(t)
	f.props.StopTimeout = awscdk.Duration_Seconds(jsii.Number(60))
	require.Equal(t, "1m0s", variables(t, container(t, f.synth(t), gpuworker.WorkerContainer))["TANDEM_WORKER_STOP_TIMEOUT"])
}

// A task that reserves more than the props say may fit no instance, and then
// waits for ever without an error.
func TestATaskReservesExactlyWhatWasAskedFor(t *testing.T) {
	for _, mode := range []string{gpuworker.ModeServer, gpuworker.ModeExec} {
		for name, weights := range map[string]*gpuworker.Weights{"": nil, " with weights": {URI: "s3://models/a/"}} {
			t.Run(mode+name, func(t *testing.T) {
				f := newFixture(t)
				f.props.Mode, f.props.Command, f.props.Weights = mode, []string{"analyse"}, weights
				f.props.WorkerMemoryMiB, f.props.WorkerCPU = 300, 200
				memory, cpu := 0.0, 0.0
				for _, definition := range containers(t, f.synth(t)) {
					reserved, soft := definition["MemoryReservation"].(float64)
					if !soft {
						reserved = definition["Memory"].(float64)
					}
					units, _ := definition["Cpu"].(float64)
					memory, cpu = memory+reserved, cpu+units
				}
				require.Equal(t, 12300.0, memory)
				require.Equal(t, 3200.0, cpu)
			})
		}
	}
}

func TestTheModelHasTheGPUsAndSharedMemory(t *testing.T) {
	f := newFixture(t)
	f.props.GPUs, f.props.SharedMemoryMiB = 4, 5000
	template := f.synth(t)
	model := container(t, template, gpuworker.ModelContainer)
	require.Equal(t, []any{map[string]any{"Type": "GPU", "Value": "4"}}, model["ResourceRequirements"])
	require.Equal(t, 5000.0, constructstest.At(t, model, "LinuxParameters", "SharedMemorySize"))
	require.NotContains(t, container(t, template, gpuworker.WorkerContainer), "ResourceRequirements")
}

func TestTheWorkerHasNoPrivileges(t *testing.T) {
	f := newFixture(t)
	f.props.Weights = &gpuworker.Weights{URI: "s3://models/a/"}
	template := f.synth(t)
	for _, name := range []string{gpuworker.WorkerContainer, "fetch"} {
		definition := container(t, template, name)
		require.Equal(t, true, definition["ReadonlyRootFilesystem"], name)
		require.Equal(t, "65532:65532", definition["User"], name)
		require.Equal(t, []any{"ALL"}, constructstest.At(t, definition, "LinuxParameters", "Capabilities", "Drop"), name)
		require.Equal(t, []any{"no-new-privileges"}, definition["DockerSecurityOptions"], name)
		require.NotContains(t, definition, "Privileged", name)
	}
}

func TestAWorkerThatNoLongerAnswersIsReplaced(t *testing.T) {
	check := container(t, newFixture(t).synth(t), gpuworker.WorkerContainer)["HealthCheck"]
	require.Equal(t, []any{"CMD", "/worker", "health"}, constructstest.At(t, check, "Command"))
	require.GreaterOrEqual(t, constructstest.At(t, check, "Interval").(float64)*constructstest.At(t, check, "Retries").(float64), 120.0,
		"one that is only busy must not be")
}

func TestTheWorkerIsToldWhereTheModelIs(t *testing.T) {
	f := newFixture(t)
	f.props.Port = 9000
	f.props.Settings.Endpoint = "http://elsewhere"
	got := variables(t, container(t, f.synth(t), gpuworker.WorkerContainer))
	require.Equal(t, "http://127.0.0.1:9000", got["TANDEM_WORKER_ENDPOINT"])
	require.Equal(t, "server", got["TANDEM_WORKER_MODE"])
	require.Equal(t, "analyser", got["TANDEM_WORKER_NAME"])
	require.Equal(t, "true", got["TANDEM_TASK_PROTECTION"])
	require.Equal(t, "table", got["TANDEM_STATE_TABLE"])
}

func TestTheModelSeesItsOwnEnvironmentAndNotTheWorkers(t *testing.T) {
	f := newFixture(t)
	f.props.Command = []string{"serve"}
	f.props.Environment = map[string]string{"BATCH": "4"}
	secret := awssecretsmanager.NewSecret(f.stack, jsii.String("Token"), nil)
	f.props.Secrets = map[string]awsecs.Secret{"TOKEN": awsecs.Secret_FromSecretsManager(secret, nil)}
	template := f.synth(t)

	model := container(t, template, gpuworker.ModelContainer)
	require.Equal(t, map[string]string{"BATCH": "4", "AWS_REGION": constructstest.Region}, variables(t, model))
	require.Equal(t, []any{"serve"}, model["Command"])
	require.Equal(t, "TOKEN", constructstest.At(t, model, "Secrets", 0, "Name"))
	require.Len(t, template.Allowed(t, "WorkerTaskExecutionRole", "secretsmanager:GetSecretValue"), 1)
	require.NotContains(t, container(t, template, gpuworker.WorkerContainer), "Secrets")
}

func TestContainersNeverWaitForTheirLogs(t *testing.T) {
	f := newFixture(t)
	f.props.Weights = &gpuworker.Weights{URI: "s3://models/a/"}
	template := f.synth(t)
	group := template.One(t, "AWS::Logs::LogGroup")
	require.Equal(t, 30.0, group.Properties["RetentionInDays"])
	for _, definition := range containers(t, template) {
		require.Equal(t, "non-blocking", constructstest.At(t, definition, "LogConfiguration", "Options", "mode"))
		require.Equal(t, map[string]any{"Ref": group.ID}, constructstest.At(t, definition, "LogConfiguration", "Options", "awslogs-group"))
	}
}

// Nothing else tells an AWS SDK where it is: tasks cannot reach the instance
// metadata.
func TestEveryContainerThatCallsAWSKnowsItsRegion(t *testing.T) {
	for name, change := range map[string]func(*fixture){
		"server": func(f *fixture) { f.props.Weights = &gpuworker.Weights{URI: "s3://models/a/"} },
		"exec":   func(f *fixture) { f.props.Mode, f.props.Command = gpuworker.ModeExec, []string{"analyse"} },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			change(f)
			for _, definition := range containers(t, f.synth(t)) {
				if definition["Name"] != "install" {
					require.Equal(t, constructstest.Region, variables(t, definition)["AWS_REGION"], definition["Name"])
				}
			}
		})
	}
}
