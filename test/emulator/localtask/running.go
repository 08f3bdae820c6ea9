package localtask

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
)

// Running is a task whose programs were started.
type Running struct {
	// ARN of the task, as the programs see it.
	ARN string

	agent *agent
}

func (r *Running) add(p *process) {
	r.agent.mu.Lock()
	r.agent.processes = append(r.agent.processes, p)
	r.agent.mu.Unlock()
	if !p.container.Essential {
		return
	}
	go func() {
		<-p.exited
		r.stopPrograms(context.Background())
	}()
}

// Stop ends the programs as ECS does: the last started first, each with a
// SIGTERM and its stop timeout, or until the context ends, before a SIGKILL.
// It returns when all are gone.
func (r *Running) Stop(ctx context.Context) {
	r.stopPrograms(ctx)
	r.agent.server.Close()
}

func (r *Running) stopPrograms(ctx context.Context) {
	r.agent.mu.Lock()
	r.agent.stopping = true
	processes := slices.Clone(r.agent.processes)
	r.agent.mu.Unlock()
	for _, p := range slices.Backward(processes) {
		p.stop(ctx)
	}
}

// Signal sends a signal to one container, such as SIGKILL to its death.
func (r *Running) Signal(name string, signal syscall.Signal) error {
	p, err := r.find(name)
	if err != nil {
		return err
	}
	p.signal(signal)
	return nil
}

// Wait returns when a container has ended.
func (r *Running) Wait(ctx context.Context, name string) error {
	p, err := r.find(name)
	if err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for container %s to end: %w", name, ctx.Err())
	}
}

func (r *Running) find(name string) (*process, error) {
	r.agent.mu.Lock()
	defer r.agent.mu.Unlock()
	for _, p := range r.agent.processes {
		if p.container.Name == name {
			return p, nil
		}
	}
	return nil, errors.New("the task runs no container " + name)
}

// Protected says whether the task holds scale-in protection.
func (r *Running) Protected() bool {
	r.agent.mu.Lock()
	defer r.agent.mu.Unlock()
	return r.agent.protected
}

// BlockProtection makes the agent refuse protection, as during a deployment.
func (r *Running) BlockProtection(blocked bool) {
	r.agent.mu.Lock()
	defer r.agent.mu.Unlock()
	r.agent.blocked = blocked
}
