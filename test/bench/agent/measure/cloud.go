package measure

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

const (
	cluster  = "bench"
	instance = "arn:aws:ecs:us-east-1:111122223333:container-instance/bench/0123456789abcdef0123456789abcdef"
)

// cloud is the instance metadata, the ECS agent and ECS itself, in as much as the
// health agent asks them.
type cloud struct {
	*httptest.Server
	mutex   sync.Mutex
	notice  string
	drained time.Time
}

func newCloud() *cloud {
	c := &cloud{}
	c.Server = httptest.NewServer(c)
	return c
}

// reclaim announces that the spot instance will be taken back.
func (c *cloud) reclaim() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.notice = fmt.Sprintf(`{"action": "terminate", "time": %q}`, time.Now().Add(2*time.Minute).UTC().Format(time.RFC3339))
}

// drainedAt is when the instance was set to DRAINING.
func (c *cloud) drainedAt() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.drained
}

// ServeHTTP implements [http.Handler].
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		c.ecs(w, r)
	case r.URL.Path == "/latest/api/token":
		_, _ = io.WriteString(w, "token")
	case r.URL.Path == "/latest/meta-data/spot/instance-action" && c.notice != "":
		_, _ = io.WriteString(w, c.notice)
	case r.URL.Path == "/latest/dynamic/instance-identity/document":
		_, _ = io.WriteString(w, `{"instanceId": "i-0123456789abcdef0", "instanceType": "p5.48xlarge", "availabilityZone": "us-east-1a", "region": "us-east-1"}`)
	case r.URL.Path == "/v1/metadata":
		_, _ = fmt.Fprintf(w, `{"Cluster": %q, "ContainerInstanceArn": %q, "Version": "bench"}`, cluster, instance)
	case r.URL.Path == "/v1/tasks":
		_, _ = io.WriteString(w, `{"Tasks": [{"Arn": "arn:aws:ecs:us-east-1:111122223333:task/bench/1", "KnownStatus": "RUNNING", "Family": "worker"}]}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// ecs answers the calls of the health agent.
func (c *cloud) ecs(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	status := "ACTIVE"
	if !c.drained.IsZero() {
		status = "DRAINING"
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "ListContainerInstances":
		arns := "[]"
		if strings.Contains(string(body), status) {
			arns = fmt.Sprintf("[%q]", instance)
		}
		_, _ = fmt.Fprintf(w, `{"containerInstanceArns": %s}`, arns)
	case "UpdateContainerInstancesState":
		if strings.Contains(string(body), "DRAINING") && c.drained.IsZero() {
			c.drained = time.Now()
			status = "DRAINING"
		}
		fallthrough
	default:
		_, _ = fmt.Fprintf(w, `{"containerInstances": [{"containerInstanceArn": %q, "ec2InstanceId": "i-0123456789abcdef0", "status": %q, "runningTasksCount": 1}], "failures": []}`, instance, status)
	}
}
