package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tandem/runtime/fleetreport"
	"tandem/runtime/jobs"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
	"tandem/runtime/worker/ecstask"
)

// memoryLimit is where the collector begins to work harder: the worker shares
// its host with a model that is paid for by the gigabyte. The program's own file
// comes on top, with 13 MiB.
const memoryLimit = 38 << 20

// run runs jobs until the context ends.
func run(ctx context.Context, streams Streams) error {
	debug.SetMemoryLimit(memoryLimit)
	s, err := settings.Load[settings.Worker](streams.Environ)
	if err != nil {
		return err
	}
	log := logger(streams, s.Level).With("application", s.Application, "environment", s.Environment)
	aws, err := newAdapters(ctx, s, streams.Now)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	options := worker.Options{
		Name: s.Name, Queue: aws.queue, Blobs: aws.blobs, Clock: aws.clock,
		Runner: jobs.NewRunner(jobs.RunnerOptions{Store: aws.store, Queue: aws.queue, Clock: aws.clock, Log: log,
			MaxAttempts: s.MaxAttempts, MaxInterruptions: s.MaxInterruptions, Keep: s.KeepJobs}),
		Timeout: s.Timeout, StopTimeout: s.StopTimeout, PollWait: s.PollWait, Slots: s.Concurrency, Exec: s.Mode == "exec",
		Metrics: worker.NewMetrics(registry), Succeeded: aws.durations.Observe, Log: log,
		GPUs: gpus(s.VisibleDevices), Priorities: priorities(s.Priorities),
	}
	if options.Container, err = newContainer(s, streams); err != nil {
		return err
	}
	inECS(ctx, s, &options)
	local, err := net.Listen("tcp", s.LocalAddress)
	if err != nil {
		return fmt.Errorf("opening the local API at %s: %w", s.LocalAddress, err)
	}
	defer local.Close()
	options.API = "http://" + local.Addr().String() + "/v1"
	w, err := worker.New(options)
	if err != nil {
		return err
	}
	log.Info("the program starts", "version", streams.Version, "mode", s.Mode)
	serve(local, withHealth(w, w.LocalAPI()), log)
	if s.MetricsAddress != "" {
		metrics, err := net.Listen("tcp", s.MetricsAddress)
		if err != nil {
			return fmt.Errorf("serving metrics at %s: %w", s.MetricsAddress, err)
		}
		defer metrics.Close()
		serve(metrics, withHealth(w, metricsHandler(registry)), log)
	}
	if s.NodeStatusFile != "" {
		watching, stop := context.WithCancel(context.WithoutCancel(ctx))
		defer stop()
		go nodestatus.Watch(watching, nodestatus.WatchOptions{Path: s.NodeStatusFile, Changed: w.NodeStatus, Log: log})
	}
	defer record(ctx, aws.durations, log)()
	return w.Run(ctx)
}

// record writes durations each minute until the returned function, which writes
// the last.
func record(ctx context.Context, durations *fleetreport.Recorder, log *slog.Logger) (stop func()) {
	flush := func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := durations.Flush(limited); err != nil {
			log.Warn("durations are lost to the capacity controller", "error", err)
		}
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				flush()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); flush() }
}

// newContainer chooses how jobs are run.
func newContainer(s settings.Worker, streams Streams) (worker.Container, error) {
	switch s.Mode {
	case "server":
		return container.NewServer(container.ServerOptions{Endpoint: s.Endpoint})
	case "exec":
		var args []string
		if err := json.Unmarshal([]byte(s.Command), &args); err != nil {
			return nil, fmt.Errorf("reading the worker's command, a JSON array: %w", err)
		}
		return container.NewCommand(container.CommandOptions{
			Args: args, Environ: streams.Environ, Log: streams.Stderr,
		})
	default:
		return nil, fmt.Errorf("the worker's mode is %q; it must be server or exec", s.Mode)
	}
}

// inECS asks ECS who this task is.
func inECS(ctx context.Context, s settings.Worker, options *worker.Options) {
	agent := ecstask.New(ecstask.Options{AgentURI: s.AgentURI, MetadataURI: s.MetadataURI})
	if s.TaskProtection && s.AgentURI != "" {
		options.Protector = agent
	}
	if s.MetadataURI == "" {
		return
	}
	options.Task = agent
	task, err := agent.Task(ctx)
	if err != nil {
		options.Log.Warn("ECS does not say who this task is; a deployment will not find it", "error", err)
		return
	}
	// By family and revision the controller tells tasks of an old one.
	revision, _ := strconv.Atoi(task.Revision)
	options.Owner = fleetreport.Owner{
		Task: task.ID(), Revision: revision, Family: fleetreport.Mark(task.Family), Service: fleetreport.Mark(task.ServiceName),
	}.String()
}

func gpus(visible string) (uuids []string) {
	for device := range strings.SplitSeq(visible, ",") {
		if device = strings.TrimSpace(device); strings.HasPrefix(device, "GPU-") || strings.HasPrefix(device, "MIG-") {
			uuids = append(uuids, device)
		}
	}
	return uuids
}

func priorities(list string) (all []jobs.Priority) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, jobs.Priority(name))
		}
	}
	return all
}

// serve answers until the listener is closed.
func serve(listener net.Listener, handler http.Handler, log *slog.Logger) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, net.ErrClosed) {
			log.Error("serving failed", "address", listener.Addr().String(), "error", err)
		}
	}()
}
