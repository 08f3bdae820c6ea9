package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/emf"
	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/server"
	"tandem/gpuagent/internal/xid"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
)

// memoryFile lies beside the status file, where it outlives the container.
const memoryFile = "agent-memory.json"

// running is an agent with all that runs beside it.
type running struct {
	watcher *agent.Agent
	log     *kmsg.Reader
	parts   []func(context.Context)
	sources sources
}

// serve runs the agent until the context ends.
func serve(ctx context.Context, config settings.Agent, options Options) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(config.Level)); err != nil {
		return fmt.Errorf("reading the log level: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(options.Output, &slog.HandlerOptions{Level: level}))
	spareMemory(options.Environ)
	built, err := build(config, options, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return fmt.Errorf("listening for metrics: %w", err)
	}
	hostname, _ := os.Hostname()
	web := &http.Server{
		Handler: server.New(server.Options{
			Snapshot: built.watcher.Snapshot, KernelLog: built.log.Health, Hostname: hostname, Version: options.Version,
		}),
		ReadHeaderTimeout: 5 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	log.Info("watching", "version", options.Version, "mode", config.Mode, "address", listener.Addr().String(), "file", config.NodeStatusFile)
	var parts sync.WaitGroup
	for _, part := range built.parts {
		parts.Go(func() { part(ctx) })
	}
	// Nobody waits for the driver, which may keep its listener for ever.
	go func() { _ = built.sources.library.Watch(ctx, built.watcher.Tell) }()
	err = built.watcher.Run(ctx)
	parts.Wait()
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	err = errors.Join(err, web.Shutdown(closing))
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// garbage is how much of it may gather, in percent of what is in use. There is
// little of either, and half of what is usual keeps a storm of errors or scrapes
// within the memory that the agent promises.
const garbage = 50

func spareMemory(environ []string) {
	if !slices.ContainsFunc(environ, func(each string) bool { return strings.HasPrefix(each, "GOGC=") }) {
		debug.SetGCPercent(garbage)
	}
}

// build puts the parts together.
func build(config settings.Agent, options Options, log *slog.Logger) (*running, error) {
	folder := filepath.Dir(config.NodeStatusFile)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the node status: %w", err)
	}
	table, err := xid.Load(config.XIDs)
	if err != nil {
		return nil, err
	}
	memoryPath := filepath.Join(folder, memoryFile)
	memory, err := agent.ReadMemory(memoryPath, bootID())
	if err != nil {
		log.Error("the agent's memory", "error", err.Error())
	}
	from := newSources(options)
	actor, err := newActor(config, options, from, memory.Acting, log)
	if err != nil {
		return nil, err
	}
	watcher := agent.New(agent.Options{
		Devices: from.library, Notices: from.notices, Tasks: from.ecs, Facts: from.facts, DriverVersion: from.library.DriverVersion,
		Checks: checks.All(table), Actor: actor,
		Publish: func(status nodestatus.Status) error { return nodestatus.Write(config.NodeStatusFile, status) },
		Memory:  memory, Remember: func(memory agent.Memory) error { return agent.WriteMemory(memoryPath, memory) },
		Log: log,
	})
	kernel := from.kernelLog(options.KernelLog, watcher.Tell)
	hostname, _ := os.Hostname()
	metrics := emf.New(emf.Options{
		Output: options.Output, Cluster: config.Cluster, Instance: hostname,
		Status: func() nodestatus.Status { return watcher.Snapshot().Status },
		Xids:   func() int { return errorsSeen(watcher.Snapshot()) },
	})
	return &running{watcher: watcher, log: kernel, sources: from, parts: []func(context.Context){
		actor.Run,
		func(ctx context.Context) { _ = kernel.Run(ctx) },
		func(ctx context.Context) { report(log, metrics.Run(ctx)) },
	}}, nil
}

func report(log *slog.Logger, err error) {
	if err != nil {
		log.Error("writing metrics into the log", "error", err.Error())
	}
}

// errorsSeen counts all Xids of a snapshot.
func errorsSeen(snapshot *agent.Snapshot) int {
	total := 0
	for _, count := range snapshot.Counters.Xids {
		total += int(count.Count)
	}
	return total
}

// bootID names this boot of the kernel; empty where it does not say.
func bootID() string {
	raw, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(raw))
}
