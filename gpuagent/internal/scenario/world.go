package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/act/acttest"
	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
	"tandem/runtime/nodestatus"
)

// World is a host, its cluster and the agent on it.
type World struct {
	settle func()
	began  time.Time

	mode, xids   string
	instanceType string
	expected     int
	useTable     bool
	drainLimit   time.Duration

	mutex      sync.Mutex
	devices    []observe.Device
	devicesErr error
	hang       chan struct{}
	notices    observe.Notices
	noticesErr error
	noticesMay chan struct{}
	tasks      []observe.Task
	diskErr    error
	status     nodestatus.Status
	writes     int
	kernel     []observe.Event
	memory     []byte
	boot       int

	fleet  *acttest.Fleet
	places *acttest.Places
	self   string

	// The agent that runs; nil while none does.
	watcher *agent.Agent
	actor   *act.Actor
	host    *acttest.Host
	stop    func()
}

// newWorld is a host with one GPU in a cluster of its own.
func newWorld(settle func()) *World {
	w := &World{settle: settle, mode: act.Observe, useTable: true, fleet: acttest.NewFleet(), places: &acttest.Places{}, self: arn(0)}
	w.fleet.Add(w.self, 2)
	w.setDevices(1)
	return w
}

// arn of the container instance with this number.
func arn(number int) string {
	return fmt.Sprintf("arn:aws:ecs:us-east-1:111122223333:container-instance/gpu/%04d", number)
}

func uuid(index int) string { return fmt.Sprintf("GPU-%d", index) }

func address(index int) string { return fmt.Sprintf("0000:00:%02x.0", 0x10+index) }

func (w *World) setDevices(count int) {
	w.devices = nil
	for i := range count {
		w.devices = append(w.devices, observe.Device{
			Index: i, UUID: uuid(i), Name: "NVIDIA A10G", PCI: address(i), Temperature: value(40.0), Utilisation: value(0.0),
			ThrottleReasons: value(uint64(0)), ECCVolatile: value(uint64(0)), ECCAggregate: value(uint64(0)),
		})
	}
}

func value[T any](v T) *T { return &v }

// Run plays the story. Settle waits until nothing moves at this moment. The time
// is that of the goroutine's bubble.
func (s Script) Run(settle func()) error {
	w := newWorld(settle)
	w.began = time.Now()
	started := false
	defer func() { w.end() }()
	for _, step := range s.steps {
		if step.timed && !started {
			if err := w.start(); err != nil {
				return err
			}
			started = true
		}
		time.Sleep(step.at - time.Since(w.began))
		settle()
		if err := step.do(w); err != nil {
			return fmt.Errorf("line %d: %s: %w", step.line, step.text, err)
		}
		settle()
	}
	return nil
}

// start an agent on the host.
func (w *World) start() error {
	table, err := xid.Load(w.xids)
	if err != nil {
		return err
	}
	w.mutex.Lock()
	memory := agent.Memory{Boot: fmt.Sprint(w.boot)}
	if w.memory != nil {
		var kept agent.Memory
		if err := json.Unmarshal(w.memory, &kept); err == nil && kept.Boot == memory.Boot {
			memory = kept
		}
	}
	log := append([]observe.Event(nil), w.kernel...)
	w.mutex.Unlock()

	w.host = w.fleet.Host(w.self)
	options := act.Options{Mode: w.mode, Cluster: w.host, Group: w.host, Memory: memory.Acting, OwnTasks: 1, DrainLimit: w.drainLimit}
	if w.useTable {
		options.Places, options.Spare = w.places, w.places
	}
	w.actor = act.New(options)
	life := &life{world: w}
	w.watcher = agent.New(agent.Options{
		Devices: life, Notices: life, Tasks: life, Actor: w.actor, Checks: checks.All(table), Memory: memory,
		Facts: func(context.Context) (agent.Facts, error) {
			return agent.Facts{InstanceType: w.instanceType, ExpectedDevices: w.expected}, nil
		},
		Publish: life.publish, Remember: life.remember,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.actor.Run(ctx) })
	running.Go(func() { _ = w.watcher.Run(ctx) })
	w.stop = func() {
		cancel()
		running.Wait()
	}
	for _, event := range log {
		w.watcher.Tell(event)
	}
	return nil
}

// sigterm is how ECS ends the agent.
func (w *World) sigterm() error {
	if w.stop == nil {
		return errors.New("no agent runs")
	}
	w.stop()
	w.stop = nil
	return nil
}

// kill ends it without another word.
func (w *World) kill() error {
	if w.stop == nil {
		return errors.New("no agent runs")
	}
	w.host.Kill()
	return w.sigterm()
}

// end lets everything go, so that nothing is left behind.
func (w *World) end() {
	w.answer()
	w.mutex.Lock()
	if w.noticesMay != nil {
		close(w.noticesMay)
		w.noticesMay = nil
	}
	w.mutex.Unlock()
	if w.stop != nil {
		_ = w.kill()
	}
	w.settle()
}

// answer lets a driver that hangs go on.
func (w *World) answer() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.hang != nil {
		close(w.hang)
		w.hang = nil
	}
}

// tell an event as the driver does: by its library and in the kernel log.
func (w *World) tell(event observe.Event, sources ...string) {
	event.At = time.Now()
	for _, source := range sources {
		event.Source = source
		if source == "kmsg" {
			// The log knows addresses.
			event.UUID = ""
			w.mutex.Lock()
			w.kernel = append(w.kernel, event)
			w.mutex.Unlock()
		}
		if w.stop != nil {
			w.watcher.Tell(event)
		}
	}
}
