package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/local"
	"tandem/runtime/httpapi/api"
)

func TestLocalRunsAJobWithNothingButThisMachine(t *testing.T) {
	p := start(t, "local", "--port=0", "--json")
	line, err := p.out.ReadBytes('\n')
	require.NoError(t, err, &p.err)
	var ready local.Ready
	require.NoError(t, json.Unmarshal(line, &ready), "%s", line)
	require.Equal(t, []string{"document-analyser"}, ready.Workers)
	require.Equal(t, []string{"analyst", "assistant", "embedder"}, ready.Models)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ready.URL+"/v1/jobs",
		strings.NewReader(`{"worker": "document-analyser", "input": {"text": "The court ruled. The court was clear."}}`))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+ready.Key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Prefer", "wait=20")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
	var job api.Job
	require.NoError(t, json.Unmarshal(body, &job))
	require.Equal(t, api.JobStateSucceeded, job.State, "%s", body)
	require.Contains(t, string(job.Result.Value), `"words":7`)

	began := time.Now()
	require.Equal(t, exit.OK, p.stop(t), &p.err)
	require.Less(t, time.Since(began), 8*time.Second)
	require.Equal(t, "starting examples/document-analyser\n", p.err.String())
}

// The lines that are printed are tried as they are, in a shell.
func TestTheLinesThatLocalPrintsWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here")
	}
	p := start(t, "local", "--port=0", "--env=dev")
	var script strings.Builder
	script.WriteString("set -eu\n")
	for {
		line, err := p.out.ReadString('\n')
		require.NoError(t, err, &p.err)
		if strings.HasPrefix(line, "# list jobs") {
			break
		}
		if script.Len() > len("set -eu\n") || strings.HasPrefix(line, "export ") {
			script.WriteString(line)
		}
	}
	output, err := exec.Command("sh", "-c", script.String()).CombinedOutput()
	require.NoError(t, err, "%s\n%s", &script, output)
	require.Contains(t, string(output), `"state":"succeeded"`)
	require.Equal(t, exit.OK, p.stop(t), &p.err)
}

func TestLocalEndsWhenItsModelDoes(t *testing.T) {
	if _, err := exec.LookPath("pkill"); err != nil {
		t.Skip("there is no pkill here")
	}
	p := start(t, "local", "--port=0", "--json")
	_, err := p.out.ReadBytes('\n')
	require.NoError(t, err, &p.err)
	require.NoError(t, exec.Command("pkill", "-9", "-P", strconv.Itoa(p.command.Process.Pid)).Run())
	_ = p.command.Wait() // its code is looked at
	require.Equal(t, exit.Failed, p.command.ProcessState.ExitCode())
	require.Contains(t, p.err.String(), "server.py has ended: signal: killed")
}

func TestLocalSaysWhichEnvironmentHasNoWorkers(t *testing.T) {
	code, _, talk := tandem(t, "local", dir, "--env=dev", "--set=workers=null", "--set=models.analyst.overflow=null", "--set=documents.contracts.overflow=null")
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, "the environment dev has no workers")
}
