package localtask_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/emulator"
	"tandem/test/emulator/localtask"
)

// register makes a task definition of a model container and a worker beside it.
func register(t *testing.T, e *emulator.Emulator) *localtask.Task {
	t.Helper()
	secret, err := secretsmanager.NewFromConfig(e.Config()).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("token"), SecretString: aws.String("from-the-secret"),
	})
	require.NoError(t, err)
	_, err = ecs.NewFromConfig(e.Config()).RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("analyser"),
		ContainerDefinitions: []types.ContainerDefinition{
			{
				Name: aws.String("worker"), Image: aws.String("example/worker:1"), StopTimeout: aws.Int32(10), Essential: aws.Bool(true),
				DependsOn:   []types.ContainerDependency{{ContainerName: aws.String("model"), Condition: types.ContainerConditionStart}},
				Environment: []types.KeyValuePair{{Name: aws.String("QUEUE"), Value: aws.String("the-queue")}, {Name: aws.String("PORT"), Value: aws.String("1")}},
				Secrets:     []types.Secret{{Name: aws.String("TOKEN"), ValueFrom: secret.ARN}},
			},
			{Name: aws.String("model"), Image: aws.String("example/model:1"), Command: []string{"from-the-definition"}, Essential: aws.Bool(true)},
		},
	})
	require.NoError(t, err)
	task, err := localtask.Describe(t.Context(), e.Config(), "analyser")
	require.NoError(t, err)
	return task
}

// buffer is written by several programs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// shell is a program that runs a script; $0 is the container's first argument, if any.
func shell(script string) localtask.Program {
	return localtask.Program{Path: "/bin/sh", Args: []string{"-c", script}}
}

// forever says that it has started and waits for a SIGTERM, which it obeys.
const forever = `trap 'echo told to stop; exit 0' TERM; echo started $0; while :; do sleep 0.05; done`

// request is a command that prints the answer to a request of the agent, whose
// address is in a variable. It needs nothing but the emulator's Python.
func request(t *testing.T, method, variable, path, body string) string {
	t.Helper()
	python, err := checkout.Tool(".venv/bin/python")
	require.NoError(t, err)
	script := `import os, urllib.request as u, urllib.error as e
r = u.Request(os.environ["` + variable + `"] + "` + path + `", method="` + method + `", data="""` + body + `""".encode() or None)
try: print(u.urlopen(r).read().decode())
except e.HTTPError as problem: print(problem.read().decode())`
	return python + " -c '" + script + "'"
}

func ends(t *testing.T, running *localtask.Running, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, running.Wait(ctx, name))
}

func eventually(t *testing.T, output *buffer, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(output.String(), text) }, 10*time.Second, 10*time.Millisecond, output)
}

func TestATaskRunsWithTheEnvironmentOfItsDefinition(t *testing.T) {
	t.Setenv("HOME", "the-callers")
	e := emulator.ForTest(t, emulator.Options{})
	output := &buffer{}
	worker := shell(`env | sort; ` + request(t, "GET", "ECS_CONTAINER_METADATA_URI_V4", "/task", "") + `; ` + forever)
	worker.Override = map[string]string{"PORT": "2"}
	running, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: e, Task: register(t, e), Cluster: "gpu", Output: output,
		Programs: map[string]localtask.Program{"worker": worker, "model": shell(forever)},
	})
	require.NoError(t, err)
	defer running.Stop(t.Context())

	eventually(t, output, "worker | started")
	eventually(t, output, "model | started from-the-definition")
	for _, line := range []string{
		"worker | QUEUE=the-queue", "worker | TOKEN=from-the-secret", "worker | AWS_ENDPOINT_URL=" + e.Endpoint(),
		`worker | PORT=2 rather than "1"`, "worker | PORT=2\n",
		`"Family":"analyser"`, `"TaskARN":"` + running.ARN + `"`, `"DesiredStatus":"RUNNING"`,
	} {
		require.Contains(t, output.String(), line)
	}
	require.NotContains(t, output.String(), "the-callers")
}

func TestAStoppedTaskEndsInReverseOrder(t *testing.T) {
	e := emulator.ForTest(t, emulator.Options{})
	output := &buffer{}
	running, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: e, Task: register(t, e), Output: output,
		Programs: map[string]localtask.Program{"worker": shell(forever), "model": shell(forever)},
	})
	require.NoError(t, err)
	eventually(t, output, "worker | started")
	eventually(t, output, "model | started")

	running.Stop(t.Context())
	text := output.String()
	require.Less(t, strings.Index(text, "worker | ended"), strings.Index(text, "model | told to stop"), text)
}

func TestTheEndOfAnEssentialContainerStopsTheTask(t *testing.T) {
	e := emulator.ForTest(t, emulator.Options{})
	output := &buffer{}
	running, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: e, Task: register(t, e), Output: output,
		Programs: map[string]localtask.Program{"worker": shell(forever), "model": shell(forever)},
	})
	require.NoError(t, err)
	defer running.Stop(t.Context())
	eventually(t, output, "worker | started")

	require.NoError(t, running.Signal("model", syscall.SIGKILL))
	ends(t, running, "worker")
	require.Contains(t, output.String(), "worker | told to stop")
	require.Contains(t, output.String(), "model | ended: signal: killed")
	require.ErrorContains(t, running.Signal("other", syscall.SIGTERM), "no container other")
}

func TestProtectionIsTakenAndRefused(t *testing.T) {
	e := emulator.ForTest(t, emulator.Options{})
	output := &buffer{}
	ask := request(t, "PUT", "ECS_AGENT_URI", "/task-protection/v1/state", `{"ProtectionEnabled":true}`)
	running, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: e, Task: register(t, e), Output: output, Without: []string{"model"},
		Programs: map[string]localtask.Program{"worker": shell("ask() { " + ask + `; }; trap 'ask; exit' USR1; ask; ` + forever)},
	})
	require.NoError(t, err)
	defer running.Stop(t.Context())
	eventually(t, output, `"ProtectionEnabled":true`)
	require.True(t, running.Protected())

	running.BlockProtection(true)
	require.NoError(t, running.Signal("worker", syscall.SIGUSR1))
	ends(t, running, "worker")
	require.Contains(t, output.String(), "DEPLOYMENT_BLOCKED")
	require.Contains(t, output.String(), "model | left out")
}

func TestAContainerWithoutAProgramIsAnError(t *testing.T) {
	e := emulator.ForTest(t, emulator.Options{})
	_, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: e, Task: register(t, e), Programs: map[string]localtask.Program{"model": shell(forever)},
	})
	require.ErrorContains(t, err, "container worker (example/worker:1) has no program")
}
