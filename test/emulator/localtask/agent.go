package localtask

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
)

// agent stands in for the ECS agent: the task metadata endpoint version 4 and
// the task protection endpoint
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html, 2026-11-24).
type agent struct {
	server  *httptest.Server
	task    *Task
	arn     string
	cluster string

	mu        sync.Mutex
	protected bool
	blocked   bool
	stopping  bool
	processes []*process
}

func newAgent(task *Task, cluster, arn string) *agent {
	a := &agent{task: task, arn: arn, cluster: cluster}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v4/task", a.describeTask)
	mux.HandleFunc("GET /v4", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"Name": "container"})
	})
	mux.HandleFunc("GET /api/task-protection/v1/state", a.protection)
	mux.HandleFunc("PUT /api/task-protection/v1/state", a.protect)
	a.server = httptest.NewServer(mux)
	return a
}

// environ is what ECS puts into every container's environment.
func (a *agent) environ() map[string]string {
	return map[string]string{
		"ECS_CONTAINER_METADATA_URI_V4": a.server.URL + "/v4",
		"ECS_AGENT_URI":                 a.server.URL + "/api",
		"AWS_EXECUTION_ENV":             "AWS_ECS_EC2",
	}
}

func (a *agent) describeTask(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	desired := "RUNNING"
	if a.stopping {
		desired = "STOPPED"
	}
	containers := []any{}
	for _, p := range a.processes {
		container := map[string]any{"Name": p.container.Name, "Image": p.container.Image, "DesiredStatus": desired, "KnownStatus": "RUNNING"}
		if code, ended := p.exitCode(); ended {
			container["DesiredStatus"], container["KnownStatus"], container["ExitCode"] = "STOPPED", "STOPPED", code
		}
		containers = append(containers, container)
	}
	reply(w, http.StatusOK, map[string]any{
		"Cluster": a.cluster, "TaskARN": a.arn, "Family": a.task.Family, "Revision": strconv.Itoa(int(a.task.Revision)),
		"DesiredStatus": desired, "KnownStatus": "RUNNING", "LaunchType": "EC2", "Containers": containers,
	})
}

func (a *agent) protect(w http.ResponseWriter, r *http.Request) {
	var wanted struct{ ProtectionEnabled bool }
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		reply(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"Code": "InvalidParameterException", "Message": err.Error()}})
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.blocked && wanted.ProtectionEnabled {
		reply(w, http.StatusBadRequest, map[string]any{"failure": map[string]any{
			"Arn": a.arn, "Reason": "DEPLOYMENT_BLOCKED", "Detail": "The requested action is blocked by an active deployment."}})
		return
	}
	a.protected = wanted.ProtectionEnabled
	a.state(w)
}

func (a *agent) protection(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state(w)
}

func (a *agent) state(w http.ResponseWriter) {
	reply(w, http.StatusOK, map[string]any{"protection": map[string]any{"ProtectionEnabled": a.protected, "TaskArn": a.arn}})
}

func reply(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}
