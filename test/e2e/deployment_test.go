// Package e2e deploys the synthesised stacks of dev on an emulator and drives
// them over HTTP as a user would: a key made with the command line, jobs
// submitted, watched, fetched and cancelled, payloads large and small, webhooks,
// and two tenants that must not see each other. `make e2e` runs it.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/emulator/localtask"
	"tandem/test/emulator/session"
)

// worker whose tasks run here; dev configures it with four slots.
const worker = "document-analyser"

// deployment is dev on an emulator.
type deployment struct {
	*session.Session
	root, folder, api string
	tandem            string
}

// need skips a test that was not asked for.
func need(t *testing.T) {
	t.Helper()
	if os.Getenv("TANDEM_E2E") == "" {
		t.Skip("deploys whole environments: run make e2e")
	}
	checkout.Need(t, checkout.Ministack)
}

// deploy synthesises dev with values set over it and deploys it.
func deploy(t *testing.T, set ...string) *deployment {
	t.Helper()
	root, err := checkout.Root()
	require.NoError(t, err)
	d := &deployment{root: root, folder: t.TempDir()}
	d.tandem = d.build(t, "./cmd/tandem", "tandem")
	synthesised := d.synthesise(t, set...)
	d.Session, err = session.Open(t.Context(), session.Options{
		Synthesised: synthesised, Environment: "dev", Output: t.Output(), Update: os.Getenv("TANDEM_UPDATE") != "",
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the emulator's last words:\n%s", d.Emulator.LogTail(80))
		}
		require.NoError(t, d.Close())
	})
	d.api, err = d.API()
	require.NoError(t, err)
	return d
}

func (d *deployment) build(t *testing.T, program, name string) string {
	t.Helper()
	binary := filepath.Join(d.folder, name)
	d.run(t, nil, "go", "build", "-o", binary, program)
	return binary
}

// synthesise returns the folder of dev's stacks, with values set over it.
func (d *deployment) synthesise(t *testing.T, set ...string) string {
	t.Helper()
	return d.synthesiseEnvironment(t, "dev", set...)
}

func (d *deployment) synthesiseEnvironment(t *testing.T, environment string, set ...string) string {
	t.Helper()
	app, out := filepath.Join(d.folder, "app"), t.TempDir()
	if _, err := os.Stat(app); err != nil {
		d.build(t, ".", "app")
	}
	arguments := []string{"-c", "env=" + environment, "-c", "nag=false"}
	for _, value := range set {
		arguments = append(arguments, "-c", "set."+value)
	}
	d.run(t, []string{"CDK_OUTDIR=" + out, "CDK_VALIDATION=false", "JSII_NODE=" + filepath.Join(d.root, "node_modules/.bin/node")}, app, arguments...)
	return out
}

// cli runs the command line against the emulator and decodes what it prints.
func (d *deployment) cli(t *testing.T, into any, arguments ...string) {
	t.Helper()
	output := d.run(t, d.Emulator.Environ(), d.tandem, append(arguments, "--env", "dev", "--json")...)
	require.NoError(t, json.Unmarshal(output, into), string(output))
}

func (d *deployment) run(t *testing.T, variables []string, program string, arguments ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir, command.Env = d.root, append(os.Environ(), variables...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	require.NoError(t, err, "%s %s\n%s", program, strings.Join(arguments, " "), stderr.String())
	return stdout.Bytes()
}

// startTask runs the worker's task as its definition says: the model container
// and the worker beside it.
func (d *deployment) startTask(t *testing.T) *localtask.Running {
	t.Helper()
	definition, err := d.Find("AWS::ECS::TaskDefinition", "DocumentAnalyser/")
	require.NoError(t, err)
	task, err := localtask.Describe(t.Context(), d.Emulator.Config(), definition.ID)
	require.NoError(t, err)
	port, local, metrics := freePort(t), freePort(t), freePort(t)
	running, err := localtask.Run(t.Context(), localtask.Options{
		Emulator: d.Emulator, Task: task, Output: t.Output(),
		Programs: map[string]localtask.Program{
			"model": {Path: "python3", Args: []string{filepath.Join(d.root, "examples/document-analyser/server.py")},
				Override: map[string]string{"PORT": port}},
			"worker": {Path: d.worker(t), Override: map[string]string{
				"TANDEM_WORKER_ENDPOINT":        "http://127.0.0.1:" + port,
				"TANDEM_WORKER_LOCAL_ADDRESS":   "127.0.0.1:" + local,
				"TANDEM_WORKER_METRICS_ADDRESS": "127.0.0.1:" + metrics,
				"TANDEM_NODE_STATUS_FILE":       "",
			}},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		running.Stop(ctx)
	})
	return running
}

func (d *deployment) worker(t *testing.T) string {
	binary := filepath.Join(d.folder, "worker")
	if _, err := os.Stat(binary); err != nil {
		d.build(t, "./runtime/worker/cmd/worker", "worker")
	}
	return binary
}
