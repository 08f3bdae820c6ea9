package local

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

// stopTimeout is how long jobs may take to stop when the whole thing ends: one
// waits before a terminal.
const stopTimeout = 5 * time.Second

// work runs one worker until the context ends and its jobs have been given up.
func (d *deployment) work(ctx context.Context, w Worker) error {
	model, err := container.NewServer(container.ServerOptions{Endpoint: d.Model})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for the model's calls to the worker %s: %w", w.Name, err)
	}
	running, err := worker.New(worker.Options{
		Name: w.Name,
		Runner: jobs.NewRunner(jobs.RunnerOptions{
			Store: d.store, Queue: d.queue, MaxAttempts: w.MaxAttempts, Log: d.Log,
		}),
		Queue: d.queue, Blobs: d.blobs, Container: model, Timeout: w.Timeout, Priorities: w.Priorities, Slots: w.Slots,
		StopTimeout: stopTimeout, PollWait: time.Second, PingEvery: 2 * time.Second,
		API: "http://" + listener.Addr().String() + "/v1", Log: d.Log,
	})
	if err != nil {
		listener.Close()
		return err
	}
	server := &http.Server{Handler: running.LocalAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until it is closed
	defer server.Close()
	return running.Run(ctx)
}

// sweep finds stranded jobs, as the scheduled function does each minute.
func (d *deployment) sweep(ctx context.Context) {
	sweeper := jobs.NewSweeper(jobs.SweeperOptions{Store: d.store, Queue: d.queue, Lanes: d.lanes, Log: d.Log})
	tick := time.NewTicker(d.SweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := sweeper.RunOnce(ctx); err != nil && ctx.Err() == nil {
			d.Log.WarnContext(ctx, "sweeping failed", "error", err)
		}
	}
}
