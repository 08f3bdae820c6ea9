// Package introspection asks the ECS agent on this host which container instance
// it is, and which tasks run on it. It is reached from the host's network alone.
package introspection

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"tandem/gpuagent/internal/observe"
)

// DefaultEndpoint of the ECS agent
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-introspection.html, 2026-11-24).
const DefaultEndpoint = "http://127.0.0.1:51678"

// Options of a [Client].
type Options struct {
	// Endpoint. Defaults to DefaultEndpoint.
	Endpoint string
	// Timeout of one request. Defaults to 1s.
	Timeout time.Duration
	// HTTP client. Defaults to one without a proxy that keeps its connection.
	HTTP *http.Client
}

// Client asks the ECS agent. It is safe for concurrent use.
type Client struct{ options Options }

// New makes a client.
func New(options Options) *Client {
	if options.Endpoint == "" {
		options.Endpoint = DefaultEndpoint
	}
	if options.Timeout == 0 {
		options.Timeout = time.Second
	}
	if options.HTTP == nil {
		options.HTTP = &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConns: 1, IdleConnTimeout: time.Minute}}
	}
	return &Client{options: options}
}

// Instance is what the ECS agent is registered as.
type Instance struct {
	Cluster string `json:"Cluster"`
	// ARN is empty until the agent has registered.
	ARN string `json:"ContainerInstanceArn"`
	// Version of the agent.
	Version string `json:"Version"`
}

// Instance asks which container instance this host is.
func (c *Client) Instance(ctx context.Context) (Instance, error) {
	var instance Instance
	err := c.get(ctx, "/v1/metadata", &instance)
	if err == nil && instance.ARN == "" {
		err = fmt.Errorf("asking the ECS agent for its container instance: it has not registered yet")
	}
	return instance, err
}

// Tasks asks which tasks the ECS agent knows. Stopped ones are among them for a while.
func (c *Client) Tasks(ctx context.Context) ([]observe.Task, error) {
	var answer struct {
		Tasks []struct {
			ARN    string `json:"Arn"`
			Family string `json:"Family"`
			Known  string `json:"KnownStatus"`
		} `json:"Tasks"`
	}
	if err := c.get(ctx, "/v1/tasks", &answer); err != nil {
		return nil, err
	}
	var tasks []observe.Task
	for _, task := range answer.Tasks {
		tasks = append(tasks, observe.Task{ARN: task.ARN, Family: task.Family, Known: task.Known})
	}
	return tasks, nil
}

// largest answer that is read; a hundred tasks take some 60 KiB.
const largest = 4 << 20

func (c *Client) get(ctx context.Context, path string, into any) error {
	ctx, stop := context.WithTimeout(ctx, c.options.Timeout)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.options.Endpoint+path, nil)
	if err != nil {
		return fmt.Errorf("asking the ECS agent: %w", err)
	}
	response, err := c.options.HTTP.Do(request)
	if err != nil {
		return fmt.Errorf("asking the ECS agent: %w; is this a container instance, and does the agent run with host networking?", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the ECS agent for %s: status %d", path, response.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, largest)).Decode(into); err != nil {
		return fmt.Errorf("reading the ECS agent's answer at %s: %w", path, err)
	}
	return nil
}
