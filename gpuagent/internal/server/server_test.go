package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/server"
	"tandem/runtime/nodestatus"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func get(snapshot agent.Snapshot, path string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	server.New(server.Options{
		Snapshot: func() *agent.Snapshot { return &snapshot }, Version: "1.2.3", Hostname: "host", Now: func() time.Time { return now },
		KernelLog: func() kmsg.Health { return kmsg.Health{Err: "permission denied"} },
	}).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestTheAgentLivesBeforeItIsReadyAndWhateverTheHostIsLike(t *testing.T) {
	starting := agent.Snapshot{Status: nodestatus.Status{State: nodestatus.Initializing}, Counters: agent.Counters{Started: now}}
	require.Equal(t, http.StatusOK, get(starting, "/healthz").Code)
	require.Equal(t, http.StatusServiceUnavailable, get(starting, "/readyz").Code)
	sick := agent.Snapshot{Status: nodestatus.Status{State: nodestatus.Impaired}, Host: observe.Host{At: now.Add(-10 * time.Second)}}
	require.Equal(t, http.StatusOK, get(sick, "/healthz").Code)
	require.Equal(t, "IMPAIRED\n", get(sick, "/readyz").Body.String())
}

func TestAnAgentThatNoLongerLooksIsNotAlive(t *testing.T) {
	stuck := agent.Snapshot{Host: observe.Host{At: now.Add(-2 * time.Minute)}}
	answer := get(stuck, "/healthz")
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.Contains(t, answer.Body.String(), "has not looked at its host since 2026-11-24T11:58:00Z")
	require.Equal(t, http.StatusServiceUnavailable, get(agent.Snapshot{Counters: agent.Counters{Started: now.Add(-time.Hour)}}, "/healthz").Code, "it never has")
}

func TestTheWholeJudgementIsJSON(t *testing.T) {
	answer := get(agent.Snapshot{
		Host: observe.Host{At: now, DriverVersion: "570.86.15", InstanceType: "g5.xlarge", ExpectedDevices: 1, DevicesErr: fmt.Errorf("reading GPU 0: %w", errors.New("no"))},
		Health: health.Judgement{State: nodestatus.Impaired, Reason: "GPU_LOST", Since: now, Action: finding.Replace,
			GPUs: []health.GPU{{UUID: "GPU-a", State: nodestatus.Impaired, Reason: "GPU_LOST"}}},
		Acting: act.Report{Mode: "observe", Phase: act.Watching, Would: "drain"},
		Status: nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"GPU_LOST"}},
	}, "/v1/health")
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	var shown map[string]any
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &shown))
	require.Equal(t, "IMPAIRED", shown["state"])
	require.Equal(t, "GPU_LOST", shown["reason"])
	require.Equal(t, "REPLACE", shown["action"])
	require.Equal(t, "570.86.15", shown["driver"])
	require.Equal(t, map[string]any{"nvml": "reading GPU 0: no", "kmsg": "permission denied"}, shown["unread"])
	require.Equal(t, "drain", shown["acting"].(map[string]any)["would"])
	require.Equal(t, "GPU-a", shown["gpus"].([]any)[0].(map[string]any)["uuid"])
	require.Equal(t, []any{"GPU_LOST"}, shown["workers"].(map[string]any)["reasons"])
}

func TestMetricsAreShown(t *testing.T) {
	body := get(agent.Snapshot{Status: nodestatus.Status{State: nodestatus.OK}}, "/metrics").Body.String()
	require.Contains(t, body, `gpuagent_node_state{state="OK"} 1`)
	require.Contains(t, body, `gpuagent_build_info{version="1.2.3"} 1`)
	require.Equal(t, http.StatusNotFound, get(agent.Snapshot{}, "/").Code)
	require.Equal(t, http.StatusMethodNotAllowed, func() int {
		recorder := httptest.NewRecorder()
		server.New(server.Options{Snapshot: func() *agent.Snapshot { return &agent.Snapshot{} }}).ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/metrics", nil))
		return recorder.Code
	}())
}
