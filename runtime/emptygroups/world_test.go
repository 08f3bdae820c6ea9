package emptygroups_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"tandem/runtime/emptygroups"
	"tandem/runtime/settings"
)

// world is one group with its hosts, as stubborn as AWS: a protected instance
// does not end, a hook holds it for an hour, a group replaces what ends.
type world struct {
	group    *emptygroups.Group // nil once it is deleted
	hosts    map[string]*emptygroups.Host
	tasksEnd time.Time // when draining tasks have ended by themselves
	ending   time.Time // when instances that were told to end are gone
	goneAt   time.Time // when somebody deletes the group
	stuck    bool      // instances end only when terminated
	zero     bool

	launchSuspended, released bool
	suspended                 []string
	drained, stopped, killed  []string
	err                       error
	// Between throttledFrom and throttledUntil all calls fail; throttled counts them.
	throttledFrom, throttledUntil time.Time
	throttled                     int
	// recreated tasks come again when they are stopped, as a service's do.
	recreated bool
}

// failing is an error of any call.
func (w *world) failing() error {
	if now := time.Now(); !now.Before(w.throttledFrom) && now.Before(w.throttledUntil) {
		w.throttled++
		return errors.New("ThrottlingException: Rate exceeded")
	}
	return w.err
}

func newWorld(instances ...string) *world {
	w := &world{group: &emptygroups.Group{Name: "spot", Hooks: []string{"ecs-drain"}}, hosts: map[string]*emptygroups.Host{}}
	for _, id := range instances {
		w.group.Instances = append(w.group.Instances, emptygroups.Instance{ID: id, Protected: true})
		w.hosts[id] = &emptygroups.Host{ARN: "arn:" + id}
	}
	return w
}

func (w *world) tick() {
	now := time.Now()
	for _, host := range w.hosts {
		if host.Draining && !w.tasksEnd.IsZero() && !now.Before(w.tasksEnd) {
			host.Tasks = 0
		}
	}
	if !w.goneAt.IsZero() && !now.Before(w.goneAt) {
		w.group = nil
	}
	if w.group == nil || !w.zero || w.stuck || now.Before(w.ending) || len(w.group.Hooks) > 0 {
		return
	}
	w.group.Instances = slices.DeleteFunc(w.group.Instances, func(i emptygroups.Instance) bool { return !i.Protected })
}

func (w *world) Describe(context.Context, []string) ([]emptygroups.Group, error) {
	w.tick()
	if err := w.failing(); w.group == nil || err != nil {
		return nil, err
	}
	copied := *w.group
	copied.Instances, copied.Hooks = slices.Clone(copied.Instances), slices.Clone(copied.Hooks)
	return []emptygroups.Group{copied}, nil
}

func (w *world) Suspend(_ context.Context, _ string, processes []string) error {
	if err := w.failing(); err != nil {
		return err
	}
	w.suspended = append(w.suspended, processes...)
	w.launchSuspended = w.launchSuspended || slices.Contains(processes, "Launch")
	return nil
}

func (w *world) Open(context.Context, emptygroups.Group) error {
	if w.group == nil || w.failing() != nil {
		return w.failing()
	}
	w.group.Hooks = nil
	for i := range w.group.Instances {
		w.group.Instances[i].Protected = false
	}
	return nil
}

func (w *world) Zero(context.Context, string) error {
	if !w.zero {
		w.zero, w.ending = true, time.Now().Add(time.Minute)
	}
	return nil
}

func (w *world) Terminate(_ context.Context, id string) error {
	w.killed = append(w.killed, id)
	w.group.Instances = slices.DeleteFunc(w.group.Instances, func(i emptygroups.Instance) bool { return i.ID == id })
	return nil
}

func (w *world) Release(context.Context, string) error {
	w.released = true
	return nil
}

func (w *world) Hosts(_ context.Context, _ string, instances []string) ([]emptygroups.Host, error) {
	w.tick()
	if err := w.failing(); err != nil {
		return nil, err
	}
	var hosts []emptygroups.Host
	for _, id := range instances {
		if host := w.hosts[id]; host != nil {
			hosts = append(hosts, *host)
		}
	}
	return hosts, nil
}

func (w *world) Drain(_ context.Context, _ string, hosts []string) error {
	if !w.launchSuspended || !w.released {
		return errors.New("the group would replace what is drained")
	}
	for _, host := range w.hosts {
		if slices.Contains(hosts, host.ARN) {
			host.Draining = true
			w.drained = append(w.drained, host.ARN)
		}
	}
	return nil
}

func (w *world) Stop(_ context.Context, _, arn string) error {
	w.stopped = append(w.stopped, arn)
	for _, host := range w.hosts {
		if host.ARN == arn {
			host.Tasks = 0
			if w.recreated {
				host.Tasks = 1
			}
		}
	}
	return w.failing()
}

var request = settings.EmptyRequest{Cluster: "cluster", AutoScalingGroups: []string{"spot"}, CapacityProviders: []string{"spot-provider"},
	SuspendProcesses: []string{"AZRebalance"}}

var quiet = slog.New(slog.DiscardHandler)

func (w *world) emptier() *emptygroups.Emptier {
	return emptygroups.New(emptygroups.Options{Groups: w, Cluster: w, Log: quiet})
}
