package gpuworker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gpuworker"
)

// sources returns the host folder of each volume, empty for a task's own.
func sources(t *testing.T, template constructstest.Document) map[string]string {
	t.Helper()
	all := map[string]string{}
	volumes, _ := template.One(t, "AWS::ECS::TaskDefinition").Properties["Volumes"].([]any)
	for _, volume := range volumes {
		name := constructstest.At(t, volume, "Name").(string)
		all[name] = ""
		if host, found := volume.(map[string]any)["Host"]; found {
			all[name] = constructstest.At(t, host, "SourcePath").(string)
		}
	}
	return all
}

func mount(volume, at string, readOnly bool) map[string]any {
	return map[string]any{"SourceVolume": volume, "ContainerPath": at, "ReadOnly": readOnly}
}

func TestTheWorkerReadsWhatTheHealthAgentSaysOfTheHost(t *testing.T) {
	for mode, reader := range map[string]string{
		gpuworker.ModeServer: gpuworker.WorkerContainer,
		gpuworker.ModeExec:   gpuworker.ModelContainer,
	} {
		t.Run(mode, func(t *testing.T) {
			f := newFixture(t)
			f.props.Mode, f.props.Command = mode, []string{"analyse"}
			template := f.synth(t)
			definition := container(t, template, reader)
			require.Equal(t, "/var/lib/tandem/node", sources(t, template)["node-status"])
			require.Contains(t, definition["MountPoints"], mount("node-status", "/var/lib/tandem/node", true))
			require.Equal(t, "/var/lib/tandem/node/node-status.json", variables(t, definition)["TANDEM_NODE_STATUS_FILE"])
		})
	}
}

func TestWithoutAnAgentThereIsNothingToRead(t *testing.T) {
	f := newFixture(t)
	f.props.NodeStatusPath = ""
	f.props.Settings.NodeStatusFile = "/left/over"
	template := f.synth(t)
	require.Empty(t, sources(t, template))
	require.NotContains(t, variables(t, container(t, template, gpuworker.WorkerContainer)), "TANDEM_NODE_STATUS_FILE")
}

func TestWeightsAreFetchedBeforeTheModelStarts(t *testing.T) {
	f := newFixture(t)
	f.props.Weights = &gpuworker.Weights{URI: "s3://models/a/", Path: "/opt/model"}
	template := f.synth(t)
	fetch, model := container(t, template, "fetch"), container(t, template, gpuworker.ModelContainer)

	require.Equal(t, []any{map[string]any{"ContainerName": "fetch", "Condition": "SUCCESS"}}, model["DependsOn"])
	require.Equal(t, false, fetch["Essential"], "it ends, and the task goes on")
	require.Equal(t, []any{"fetch"}, fetch["Command"])
	require.NotContains(t, fetch, "StartTimeout", "a large model takes long, and the capacity controller watches")

	cache := sources(t, template)
	require.Equal(t, "/var/cache/tandem/weights", cache["weights-cache"], "the whole cache, as its folders do not exist yet")
	require.Equal(t, []any{mount("weights-cache", "/var/cache/tandem/weights", false)}, fetch["MountPoints"])
	require.Equal(t, []any{mount("weights", "/opt/model", true)}, model["MountPoints"])
	require.Equal(t, map[string]string{"TANDEM_WEIGHTS_URI": "s3://models/a/", "TANDEM_WEIGHTS_PATH": cache["weights"], "AWS_REGION": constructstest.Region}, variables(t, fetch))
}

func TestModelsShareACacheAndNotAFolder(t *testing.T) {
	folder := func(uri string) string {
		f := newFixture(t)
		f.props.Weights = &gpuworker.Weights{URI: uri}
		return sources(t, f.synth(t))["weights"]
	}
	require.Equal(t, folder("s3://models/a/"), folder("s3://models/a/"), "tasks of one model share a download")
	require.NotEqual(t, folder("s3://models/a/"), folder("s3://models/b/"))
}

func TestInExecModeTheWorkerIsTheEntryPointOfTheUsersImage(t *testing.T) {
	f := newFixture(t)
	f.props.Mode, f.props.Command = gpuworker.ModeExec, []string{"python", "train.py", "{input}"}
	f.props.Environment = map[string]string{"EPOCHS": "3", "TANDEM_WORKER_NAME": "other"}
	template := f.synth(t)
	require.Len(t, containers(t, template), 2)
	install, model := container(t, template, "install"), container(t, template, gpuworker.ModelContainer)

	require.Equal(t, "worker:1", install["Image"])
	require.Equal(t, []any{"install", "/tandem/worker"}, install["Command"])
	require.Equal(t, false, install["Essential"])
	require.Equal(t, []any{mount("program", "/tandem", false)}, install["MountPoints"])
	require.Equal(t, []any{"ALL"}, constructstest.At(t, install, "LinuxParameters", "Capabilities", "Drop"))
	require.Empty(t, sources(t, template)["program"], "the task's own volume: a program of another task must not be run")

	require.Equal(t, "model:1", model["Image"])
	require.Equal(t, []any{"/tandem/worker"}, model["EntryPoint"])
	require.NotContains(t, model, "Command", "the command is run by the worker, once a job")
	require.Contains(t, model["MountPoints"], mount("program", "/tandem", true))
	require.Equal(t, []any{map[string]any{"ContainerName": "install", "Condition": "SUCCESS"}}, model["DependsOn"])
	require.Equal(t, []any{"CMD", "/tandem/worker", "health"}, constructstest.At(t, model, "HealthCheck", "Command"))
	got := variables(t, model)
	require.Equal(t, `["python","train.py","{input}"]`, got["TANDEM_WORKER_COMMAND"])
	require.Equal(t, "exec", got["TANDEM_WORKER_MODE"])
	require.Equal(t, "3", got["EPOCHS"])
	require.Equal(t, "analyser", got["TANDEM_WORKER_NAME"], "the worker's own settings cannot be overridden")
	require.NotContains(t, got, "TANDEM_WORKER_ENDPOINT")
}
