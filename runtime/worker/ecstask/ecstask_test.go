package ecstask_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/ecstask"
)

func answering(t *testing.T, status int, body string) (*ecstask.Agent, *[]string) {
	t.Helper()
	requests := &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		*requests = append(*requests, r.Method+" "+r.URL.Path+" "+string(sent))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return ecstask.New(ecstask.Options{AgentURI: server.URL + "/api/x", MetadataURI: server.URL + "/v4/x"}), requests
}

func TestProtectionIsAskedAsTheAgentExpects(t *testing.T) {
	agent, requests := answering(t, 200, `{"protection":{"ExpirationDate":"2026-11-24T08:00:00Z","ProtectionEnabled":true,"TaskArn":"arn"}}`)
	require.NoError(t, agent.Protect(t.Context()))
	require.NoError(t, agent.Unprotect(t.Context()))
	require.Equal(t, []string{
		`PUT /api/x/task-protection/v1/state {"ExpiresInMinutes":120,"ProtectionEnabled":true}`,
		`PUT /api/x/task-protection/v1/state {"ProtectionEnabled":false}`,
	}, *requests)
}

func TestARefusedProtectionIsAnErrorWhateverItsStatus(t *testing.T) {
	for name, row := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"a deployment":   {200, `{"failure":{"Arn":"a","Detail":null,"Reason":"DEPLOYMENT_BLOCKED"}}`, ecstask.ErrDeploymentBlocked.Error()},
		"another reason": {200, `{"failure":{"Arn":"a","Reason":"TASK_NOT_VALID"}}`, "TASK_NOT_VALID"},
		"no permission":  {400, `{"requestID":"x","error":{"Arn":"a","Code":"AccessDeniedException","Message":"no"}}`, "AccessDenied"},
		"garbage":        {502, `<html>`, "502"},
		"an empty state": {200, `{}`, "without a state"},
	} {
		t.Run(name, func(t *testing.T) {
			agent, _ := answering(t, row.status, row.body)
			require.ErrorContains(t, agent.Protect(t.Context()), row.want)
		})
	}
	agent, _ := answering(t, 200, `{"failure":{"Reason":"DEPLOYMENT_BLOCKED"}}`)
	require.ErrorIs(t, agent.Protect(t.Context()), ecstask.ErrDeploymentBlocked)
}

func TestTheTaskTellsAStopFromACrash(t *testing.T) {
	for name, row := range map[string]struct {
		body              string
		stopping, crashed bool
	}{
		"running":               {`{"DesiredStatus":"RUNNING","Containers":[{"Name":"model","KnownStatus":"RUNNING"}]}`, false, false},
		"stopped by ECS":        {`{"DesiredStatus":"STOPPED","Containers":[{"Name":"model","ExitCode":143}]}`, true, false},
		"ended well on SIGTERM": {`{"DesiredStatus":"STOPPED","Containers":[{"Name":"model","ExitCode":0}]}`, true, false},
		"out of memory":         {`{"DesiredStatus":"STOPPED","Containers":[{"Name":"model","ExitCode":137}]}`, true, true},
		"crashed":               {`{"DesiredStatus":"STOPPED","Containers":[{"Name":"model","ExitCode":139},{"Name":"worker"}]}`, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			agent, _ := answering(t, 200, row.body)
			task, err := agent.Task(t.Context())
			require.NoError(t, err)
			require.Equal(t, row.stopping, task.Stopping())
			require.Equal(t, row.crashed, task.Crashed())
		})
	}
}

func TestTheTaskIsNamedByTheEndOfItsARN(t *testing.T) {
	require.Equal(t, "0b69d5c0", ecstask.Task{ARN: "arn:aws:ecs:us-east-1:1:task/cluster/0b69d5c0"}.ID())
	require.Empty(t, ecstask.Task{}.ID())
}

func TestOutsideECSTheMistakeIsNamed(t *testing.T) {
	agent := ecstask.New(ecstask.Options{})
	require.ErrorContains(t, agent.Protect(t.Context()), "ECS_AGENT_URI")
	_, err := agent.Task(t.Context())
	require.ErrorContains(t, err, "ECS_CONTAINER_METADATA_URI_V4")
}

func FuzzTaskIsDecodedWithoutPanic(f *testing.F) {
	f.Add(`{"TaskARN":"a/b","Containers":[{"ExitCode":1}]}`)
	f.Fuzz(func(_ *testing.T, raw string) {
		var task ecstask.Task
		if json.Unmarshal([]byte(raw), &task) == nil {
			task.ID()
			task.Crashed()
		}
	})
}
