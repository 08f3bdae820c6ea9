// Package acttest is a cluster, its groups and the breaker's table in memory, for
// tests of what agents do to them: it fails when told to, and shows what was done
// late, as AWS does.
package acttest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/gpuagent/internal/act"
)

// Fleet is a cluster. Make one with [NewFleet].
type Fleet struct {
	mutex     sync.Mutex
	instances map[string]*instance
	failing   map[string]error
	// Latency of a call, and Lag after which a list shows a change. Set before use.
	Latency, Lag time.Duration
	most         int
}

type instance struct {
	draining  bool
	changed   time.Time
	tasks     int
	unhealthy int
	calls     []string
}

// NewFleet makes an empty cluster.
func NewFleet() *Fleet {
	return &Fleet{instances: map[string]*instance{}, failing: map[string]error{}, Latency: 20 * time.Millisecond}
}

// Add an instance with tasks on it.
func (f *Fleet) Add(arn string, tasks int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.instances[arn] = &instance{tasks: tasks}
}

// SetDraining is what an operator, or ECS's own spot draining, does.
func (f *Fleet) SetDraining(arn string, draining bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.set(arn, draining)
}

func (f *Fleet) set(arn string, draining bool) {
	of := f.instances[arn]
	if of.draining != draining {
		of.draining, of.changed = draining, time.Now()
	}
	f.most = max(f.most, len(f.draining()))
}

// SetTasks that run on an instance.
func (f *Fleet) SetTasks(arn string, tasks int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.instances[arn].tasks = tasks
}

// Fail makes calls fail by name: look, drain, activate, census, unhealthy, or all; nil
// makes them work again.
func (f *Fleet) Fail(call string, err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.failing[call] = err
}

// Draining instances, sorted.
func (f *Fleet) Draining() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.draining()
}

func (f *Fleet) draining() (arns []string) {
	for arn, of := range f.instances {
		if of.draining {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// Most instances that were ever draining at a time.
func (f *Fleet) Most() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.most
}

// Calls that changed an instance, in order: drain, activate, unhealthy.
func (f *Fleet) Calls(arn string) []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Clone(f.instances[arn].calls)
}

// Replace forgets an instance, as a group does with one that is unhealthy.
func (f *Fleet) Replace(arn, with string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.instances, arn)
	f.instances[with] = &instance{}
}

// Host is the cluster as one agent sees it.
func (f *Fleet) Host(arn string) *Host { return &Host{fleet: f, arn: arn} }

// Host implements [act.Cluster] and [act.Group].
type Host struct {
	fleet *Fleet
	arn   string
	dead  bool
}

var (
	_ act.Cluster = (*Host)(nil)
	_ act.Group   = (*Host)(nil)
)

var errDead = errors.New("the agent was killed")

// Kill makes all further calls of this agent go nowhere.
func (h *Host) Kill() {
	h.fleet.mutex.Lock()
	defer h.fleet.mutex.Unlock()
	h.dead = true
}

// call takes its time, then does what is to be done, or fails.
func (h *Host) call(ctx context.Context, name string, do func(*instance)) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(h.fleet.Latency):
	}
	h.fleet.mutex.Lock()
	defer h.fleet.mutex.Unlock()
	of := h.fleet.instances[h.arn]
	switch {
	case h.dead:
		return errDead
	case h.fleet.failing[name] != nil:
		return h.fleet.failing[name]
	case h.fleet.failing["all"] != nil:
		return h.fleet.failing["all"]
	case of == nil:
		return errors.New("no such container instance")
	}
	do(of)
	if name == "drain" || name == "activate" || name == "unhealthy" {
		of.calls = append(of.calls, name)
	}
	return nil
}

// Instance implements [act.Cluster].
func (h *Host) Instance(ctx context.Context) (found act.Instance, err error) {
	err = h.call(ctx, "look", func(of *instance) {
		found = act.Instance{ARN: h.arn, ID: "i-" + h.arn[strings.LastIndexByte(h.arn, '/')+1:], Draining: of.draining, Tasks: of.tasks}
	})
	return found, err
}

// Drain implements [act.Cluster].
func (h *Host) Drain(ctx context.Context) error {
	return h.call(ctx, "drain", func(*instance) { h.fleet.set(h.arn, true) })
}

// Activate implements [act.Cluster].
func (h *Host) Activate(ctx context.Context) error {
	return h.call(ctx, "activate", func(*instance) { h.fleet.set(h.arn, false) })
}

// Census implements [act.Cluster].
func (h *Host) Census(ctx context.Context) (census act.Census, err error) {
	err = h.call(ctx, "census", func(*instance) {
		census.Instances = len(h.fleet.instances)
		for arn, of := range h.fleet.instances {
			shown := of.draining
			if time.Since(of.changed) < h.fleet.Lag {
				shown = !shown
			}
			if shown {
				census.Draining = append(census.Draining, arn)
			}
		}
	})
	return census, err
}

// SetUnhealthy implements [act.Group].
func (h *Host) SetUnhealthy(ctx context.Context, _ string) error {
	return h.call(ctx, "unhealthy", func(of *instance) { of.unhealthy++ })
}
