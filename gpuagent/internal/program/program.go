// Package program is the agent's command line: it reads the settings, builds
// the parts and serves until it is told to stop.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/imds"
	"tandem/gpuagent/internal/nvml"
	"tandem/gpuagent/internal/server"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
)

// Options of a run.
type Options struct {
	// Arguments without the program's name: none, or 'health'.
	Arguments []string
	// Environ in the form of [os.Environ].
	Environ []string
	// Output takes the log, as JSON. Required.
	Output io.Writer
	// Version of the build.
	Version string
	// Metadata is the endpoint of the instance metadata. Defaults to EC2's.
	Metadata string
}

// Run does what the arguments say.
func Run(ctx context.Context, options Options) error {
	config, err := settings.Load[settings.Agent](options.Environ)
	if err != nil {
		return err
	}
	switch {
	case len(options.Arguments) == 0:
		return serve(ctx, config, options)
	case options.Arguments[0] == settings.AgentHealth:
		return ask(ctx, config.Address)
	default:
		return fmt.Errorf("gpuagent: unknown command %q; give none to run it, or %q to ask whether it lives", options.Arguments[0], settings.AgentHealth)
	}
}

func serve(ctx context.Context, config settings.Agent, options Options) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(config.Level)); err != nil {
		return fmt.Errorf("reading the log level: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(options.Output, &slog.HandlerOptions{Level: level}))
	if err := os.MkdirAll(filepath.Dir(config.NodeStatusFile), 0o755); err != nil {
		return fmt.Errorf("making the folder of the node status: %w", err)
	}
	watcher := agent.New(agent.Options{
		GPUs:    nvml.Host(nvml.Options{}),
		Notices: imds.New(imds.Options{Endpoint: options.Metadata}),
		Publish: func(status nodestatus.Status) error { return nodestatus.Write(config.NodeStatusFile, status) },
		Log:     log,
	})
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return fmt.Errorf("listening for metrics: %w", err)
	}
	web := &http.Server{Handler: server.New(server.Options{Snapshot: watcher.Snapshot, Version: options.Version}), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	log.Info("watching", "version", options.Version, "mode", config.Mode, "address", listener.Addr().String(), "file", config.NodeStatusFile)
	err = watcher.Run(ctx)
	closing, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	err = errors.Join(err, web.Shutdown(closing))
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// ask is the container's health check.
func ask(ctx context.Context, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading the agent's address: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("asking the agent whether it lives: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the agent whether it lives: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the agent whether it lives: status %d", response.StatusCode)
	}
	return nil
}
