package ecstask

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ErrDeploymentBlocked means that a deployment is replacing this task: ECS
// refuses the protection, and the task may be stopped at any time
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html, 2026-11-24).
var ErrDeploymentBlocked = errors.New("a deployment is replacing this task, which ECS therefore does not protect")

// ProtectFor is the protection's length. ECS takes 1 to 2,880 minutes; a
// worker that dies leaves a protected task for no longer than this, and a long
// job renews it.
const ProtectFor = 2 * time.Hour

// Options names the agent's addresses, as ECS puts them into the environment.
type Options struct {
	// AgentURI is ECS_AGENT_URI; empty outside ECS.
	AgentURI string
	// MetadataURI is ECS_CONTAINER_METADATA_URI_V4; empty outside ECS.
	MetadataURI string
	// Client makes the requests. Defaults to one that gives up after 5 s.
	Client *http.Client
}

// Agent is the ECS agent as this task sees it.
type Agent struct{ options Options }

// New returns the agent's client.
func New(options Options) *Agent {
	if options.Client == nil {
		options.Client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
	}
	options.AgentURI = strings.TrimSuffix(options.AgentURI, "/")
	options.MetadataURI = strings.TrimSuffix(options.MetadataURI, "/")
	return &Agent{options: options}
}

// Protect keeps ECS from stopping this task in a scale-in or a deployment for
// [ProtectFor]. It fails with [ErrDeploymentBlocked] while a deployment runs.
func (a *Agent) Protect(ctx context.Context) error {
	return a.protection(ctx, map[string]any{"ProtectionEnabled": true, "ExpiresInMinutes": int(ProtectFor / time.Minute)})
}

// Unprotect gives the protection back.
func (a *Agent) Unprotect(ctx context.Context) error {
	return a.protection(ctx, map[string]any{"ProtectionEnabled": false})
}

func (a *Agent) protection(ctx context.Context, state map[string]any) error {
	if a.options.AgentURI == "" {
		return errors.New("setting task protection: ECS_AGENT_URI is not set; turn task protection off outside ECS")
	}
	body, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("setting task protection: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, a.options.AgentURI+"/task-protection/v1/state", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("setting task protection: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	var answer struct {
		Protection *struct{}
		Failure    *struct{ Reason, Detail string }
		Error      *struct{ Code, Message string }
	}
	// A refusal comes with a status of its own and with the reason in the body.
	status, err := a.do(request, &answer)
	switch {
	case err != nil:
		return fmt.Errorf("setting task protection: %w", err)
	case answer.Failure != nil && answer.Failure.Reason == "DEPLOYMENT_BLOCKED":
		return ErrDeploymentBlocked
	case answer.Failure != nil:
		return fmt.Errorf("setting task protection: ECS refused: %s %s", answer.Failure.Reason, answer.Failure.Detail)
	case answer.Error != nil:
		return fmt.Errorf("setting task protection: %s: %s", answer.Error.Code, answer.Error.Message)
	case answer.Protection == nil:
		return fmt.Errorf("setting task protection: the agent answered %d without a state", status)
	}
	return nil
}

func (a *Agent) do(request *http.Request, answer any) (int, error) {
	response, err := a.options.Client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return response.StatusCode, err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return response.StatusCode, fmt.Errorf("the agent answered %d with something else than JSON: %w", response.StatusCode, err)
	}
	return response.StatusCode, nil
}
