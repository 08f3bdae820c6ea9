package ecstask

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Task is what the agent's metadata says of this task
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html, 2026-11-24).
type Task struct {
	ARN      string `json:"TaskARN"`
	Family   string
	Revision string
	// ServiceName is empty on Fargate.
	ServiceName   string
	DesiredStatus string
	Containers    []Container
}

// Container is one of the task's containers.
type Container struct {
	Name          string
	DesiredStatus string
	KnownStatus   string
	// ExitCode once it has ended.
	ExitCode *int
}

// Task reads the metadata. It fails where the environment names no endpoint.
func (a *Agent) Task(ctx context.Context) (Task, error) {
	if a.options.MetadataURI == "" {
		return Task{}, errors.New("reading the task's metadata: ECS_CONTAINER_METADATA_URI_V4 is not set")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.options.MetadataURI+"/task", nil)
	if err != nil {
		return Task{}, fmt.Errorf("reading the task's metadata: %w", err)
	}
	var task Task
	if status, err := a.do(request, &task); err != nil || status != http.StatusOK {
		return Task{}, fmt.Errorf("reading the task's metadata: status %d: %w", status, err)
	}
	return task, nil
}

// ID is the last part of the ARN, the name by which the console shows the task.
func (t Task) ID() string { return t.ARN[strings.LastIndexByte(t.ARN, '/')+1:] }

// Stopping says whether ECS is stopping the task.
func (t Task) Stopping() bool { return t.DesiredStatus == "STOPPED" }

// Crashed says whether a container ended by itself: with a code other than 0
// and than that of SIGTERM, which is how a stopped container ends.
func (t Task) Crashed() bool {
	for _, container := range t.Containers {
		if code := container.ExitCode; code != nil && *code != 0 && *code != 128+15 {
			return true
		}
	}
	return false
}
