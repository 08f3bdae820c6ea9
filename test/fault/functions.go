package fault

import (
	"context"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"tandem/runtime/settings"
	"tandem/test/fault/function"
	"tandem/test/fault/process"
	"tandem/test/fault/wire"
)

// instance is one instance of a Lambda function, started anew whenever it ends.
type instance struct {
	run       *run
	function  *function.Function
	link      *wire.Link
	name      string
	path      string
	variables map[string]string
	log       *os.File
	closed    chan struct{}

	mutex   sync.Mutex
	process *process.Process
	starts  int
	killed  bool
}

func (r *run) newInstance(f *function.Function, name, path string, variables map[string]string) (*instance, error) {
	i := &instance{run: r, function: f, name: name, path: path, variables: variables, closed: make(chan struct{})}
	var err error
	if i.link, err = r.hub.Link(name); err != nil {
		return nil, err
	}
	if i.log, err = r.log(name); err != nil {
		return nil, err
	}
	return i, i.start()
}

func (i *instance) start() error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.starts++
	i.killed = false
	id := fmt.Sprintf("%s.%d", i.name, i.starts)
	variables := map[string]string{"AWS_LAMBDA_RUNTIME_API": i.function.Address(id), "AWS_LAMBDA_FUNCTION_NAME": i.name}
	for name, value := range i.variables {
		variables[name] = value
	}
	i.process = process.New(process.Options{Name: id, Path: i.path, Environ: environ(i.run.emulator, i.link.Endpoint(), variables),
		Log: i.log, Exited: func(exit process.Exit) { i.exited(id, exit) }})
	_, err := i.process.Start()
	return err
}

func (i *instance) exited(id string, exit process.Exit) {
	i.function.Died(id)
	i.mutex.Lock()
	killed := i.killed
	i.mutex.Unlock()
	if !killed {
		i.run.monitor.Violated("%s ended with status %d, of which nobody was the cause; see its log", id, exit.Status)
	}
	go func() {
		select {
		case <-i.closed:
			return
		case <-time.After(i.run.restartDelay()):
		}
		if err := i.start(); err != nil {
			i.run.monitor.Violated("%s cannot be started again: %v", i.name, err)
		}
	}()
}

// kill ends the instance by SIGKILL; false if it does not run.
func (i *instance) kill() bool {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.killed = true
	return i.process.Signal(syscall.SIGKILL)
}

func (i *instance) close() {
	close(i.closed)
	i.kill()
}

// startFunctions starts the API's and the sweeper's instances.
func (r *run) startFunctions() error {
	var err error
	if r.api, err = function.New(); err != nil {
		return err
	}
	if r.sweeper, err = function.New(); err != nil {
		return err
	}
	api := settings.Encode(settings.JobsAPI{State: r.resources.state(), Release: release, Queues: r.resources.queues,
		WebhookQueueURL: r.resources.webhooks, TenantRate: 10_000, TenantBurst: 10_000})
	for number := range r.APIs {
		i, err := r.newInstance(r.api, fmt.Sprintf("api-%d", number), r.binaries.api, api)
		if err != nil {
			return err
		}
		r.apis = append(r.apis, i)
	}
	r.sweepers, err = r.newInstance(r.sweeper, "sweeper", r.binaries.sweeper, settings.Encode(settings.Sweeper{
		State: r.resources.state(), Release: release, Queues: r.resources.queues, WebhookQueueURL: r.resources.webhooks}))
	return err
}

// sweep runs the sweeper again and again until the context ends.
func (r *run) sweep(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.sweepOnce(ctx)
		}
	}
}

func (r *run) sweepOnce(ctx context.Context) {
	_, err := r.sweeper.Invoke(ctx, []byte(`{"source":"aws.scheduler"}`), time.Minute)
	switch {
	case err == nil:
		r.counts.add("sweeps", 1)
	case ctx.Err() == nil:
		r.counts.add("sweeps cut short or failed", 1)
	}
}
