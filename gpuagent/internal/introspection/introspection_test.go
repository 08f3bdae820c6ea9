package introspection_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/introspection"
	"tandem/gpuagent/internal/observe"
)

const instance = "arn:aws:ecs:us-east-1:111122223333:container-instance/tandem/0123456789abcdef0123456789abcdef"

// agent answers like the ECS agent, by path.
func agent(t *testing.T, answers map[string]string) *introspection.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, found := answers[r.URL.Path]
		if !found {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return introspection.New(introspection.Options{Endpoint: server.URL})
}

func TestTheInstanceAndItsTasksAreRead(t *testing.T) {
	client := agent(t, map[string]string{
		"/v1/metadata": `{"Cluster": "tandem", "ContainerInstanceArn": "` + instance + `", "Version": "Amazon ECS Agent - v1.97.0 (*abcdef)"}`,
		"/v1/tasks": `{"Tasks": [
			{"Arn": "arn:aws:ecs:us-east-1:111122223333:task/tandem/1", "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "Family": "worker", "Version": "3",
			 "Containers": [{"DockerId": "9581a69a", "DockerName": "ecs-worker-3", "Name": "model"}]},
			{"Arn": "arn:aws:ecs:us-east-1:111122223333:task/tandem/2", "DesiredStatus": "STOPPED", "KnownStatus": "STOPPED", "Family": "agent", "Version": "1", "Containers": []}]}`,
	})
	found, err := client.Instance(t.Context())
	require.NoError(t, err)
	require.Equal(t, introspection.Instance{Cluster: "tandem", ARN: instance, Version: "Amazon ECS Agent - v1.97.0 (*abcdef)"}, found)
	tasks, err := client.Tasks(t.Context())
	require.NoError(t, err)
	require.Equal(t, []observe.Task{
		{ARN: "arn:aws:ecs:us-east-1:111122223333:task/tandem/1", Family: "worker", Known: "RUNNING"},
		{ARN: "arn:aws:ecs:us-east-1:111122223333:task/tandem/2", Family: "agent", Known: "STOPPED"},
	}, tasks)
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	_, err := agent(t, map[string]string{"/v1/metadata": `{"Cluster": "tandem", "ContainerInstanceArn": null}`}).Instance(t.Context())
	require.ErrorContains(t, err, "it has not registered yet")

	client := agent(t, map[string]string{"/v1/tasks": "<html>"})
	_, err = client.Tasks(t.Context())
	require.ErrorContains(t, err, "reading the ECS agent's answer at /v1/tasks")
	_, err = client.Instance(t.Context())
	require.ErrorContains(t, err, "status 500")

	_, err = introspection.New(introspection.Options{Endpoint: "http://127.0.0.1:1"}).Tasks(t.Context())
	require.ErrorContains(t, err, "is this a container instance")
}

func TestAnAgentThatHangsIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	began := time.Now()
	_, err := introspection.New(introspection.Options{Endpoint: server.URL, Timeout: 20 * time.Millisecond}).Instance(t.Context())
	require.Error(t, err)
	require.Less(t, time.Since(began), 5*time.Second)
}
