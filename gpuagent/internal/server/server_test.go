package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/server"
	"tandem/runtime/nodestatus"
)

type fixed agent.Snapshot

func (f *fixed) Snapshot() *agent.Snapshot { return (*agent.Snapshot)(f) }

func get(snapshot *fixed, path string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	server.New(snapshot, "1.2.3").ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestMetricsHaveTheNamesThatDashboardsKnow(t *testing.T) {
	body := get(&fixed{
		Status: nodestatus.Status{State: nodestatus.OK},
		GPUs:   []agent.GPU{{UUID: "GPU-a", Name: "NVIDIA L4", Temperature: 41, Power: 33.5, Utilisation: 7, MemoryUsed: 1 << 20, MemoryTotal: 3 << 20}},
	}, "/metrics").Body.String()
	for _, line := range []string{
		`DCGM_FI_DEV_GPU_TEMP{UUID="GPU-a",gpu="0",modelName="NVIDIA L4"} 41`,
		`DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a",gpu="0",modelName="NVIDIA L4"} 33.5`,
		`DCGM_FI_DEV_FB_FREE{UUID="GPU-a",gpu="0",modelName="NVIDIA L4"} 2`,
		`gpuagent_node_state{state="OK"} 1`,
		`gpuagent_node_state{state="IMPAIRED"} 0`,
		`gpuagent_build_info{version="1.2.3"} 1`,
	} {
		require.Contains(t, body, line)
	}
}

func TestTheAgentLivesBeforeItIsReady(t *testing.T) {
	starting := &fixed{Status: nodestatus.Status{State: nodestatus.Initializing}}
	require.Equal(t, http.StatusOK, get(starting, "/healthz").Code)
	require.Equal(t, http.StatusServiceUnavailable, get(starting, "/readyz").Code)
	require.Equal(t, http.StatusOK, get(&fixed{Status: nodestatus.Status{State: nodestatus.Impaired}}, "/readyz").Code)
}

func TestTheWholeJudgementIsJSON(t *testing.T) {
	answer := get(&fixed{Status: nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"GPU_LOST"}}}, "/v1/health")
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	require.Contains(t, answer.Body.String(), `"reasons":["GPU_LOST"]`)
}
