// Package server shows what the agent last saw over HTTP: /healthz, /readyz,
// /v1/health and /metrics. It reads snapshots and never asks the driver, so that
// a scrape costs the GPUs nothing and answers while the driver hangs.
package server

import (
	"encoding/json"
	"net/http"
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/metrics"
	"tandem/runtime/nodestatus"
)

// Options of a handler.
type Options struct {
	// Snapshot returns what was seen last, at once. Required.
	Snapshot func() *agent.Snapshot
	// KernelLog tells how its reader is. Defaults to no such metrics.
	KernelLog func() kmsg.Health
	// Hostname and Version of the agent.
	Hostname, Version string
	// Stale is how old a look may be before the agent counts as stuck. A driver
	// that hangs does not make it old: the agent goes on looking. Defaults to 1m.
	Stale time.Duration
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// New returns the handler of all paths.
func New(options Options) http.Handler {
	if options.Stale == 0 {
		options.Stale = time.Minute
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", options.healthz)
	mux.HandleFunc("GET /readyz", options.readyz)
	mux.HandleFunc("GET /v1/health", options.health)
	mux.Handle("GET /metrics", metrics.Handler(metrics.Options{
		Snapshot: options.Snapshot, KernelLog: options.KernelLog, Hostname: options.Hostname, Version: options.Version, Now: options.Now,
	}))
	return mux
}

// healthz says whether the agent lives, whatever the GPUs are like: a container
// that is stopped for its host's illness could not tell anybody.
func (o Options) healthz(w http.ResponseWriter, _ *http.Request) {
	snapshot := o.Snapshot()
	last := snapshot.Host.At
	if last.IsZero() {
		last = snapshot.Counters.Started
	}
	if !last.IsZero() && o.Now().Sub(last) > o.Stale {
		http.Error(w, "the agent has not looked at its host since "+last.UTC().Format(time.RFC3339), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

func (o Options) readyz(w http.ResponseWriter, _ *http.Request) {
	state := o.Snapshot().Status.State
	if state == nodestatus.Initializing {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write([]byte(state + "\n"))
}

// report is the whole judgement.
type report struct {
	Version string `json:"version"`
	health.Judgement
	Acting          act.Report `json:"acting"`
	Driver          string     `json:"driver,omitempty"`
	InstanceType    string     `json:"instanceType,omitempty"`
	ExpectedDevices int        `json:"expectedGpus,omitempty"`
	Looked          time.Time  `json:"looked"`
	// Unread sources and why.
	Unread map[string]string `json:"unread,omitempty"`
	// Workers is what the node status file says.
	Workers nodestatus.Status `json:"workers"`
}

func (o Options) health(w http.ResponseWriter, _ *http.Request) {
	snapshot := o.Snapshot()
	host := snapshot.Host
	shown := report{
		Version: o.Version, Judgement: snapshot.Health, Acting: snapshot.Acting, Driver: host.DriverVersion,
		InstanceType: host.InstanceType, ExpectedDevices: host.ExpectedDevices,
		Looked: host.At, Workers: snapshot.Status, Unread: map[string]string{},
	}
	for name, err := range map[string]error{"nvml": host.DevicesErr, "imds": host.NoticesErr, "ecs": host.TasksErr} {
		if err != nil {
			shown.Unread[name] = err.Error()
		}
	}
	if o.KernelLog != nil {
		if log := o.KernelLog(); log.Err != "" {
			shown.Unread["kmsg"] = log.Err
		}
	}
	raw, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		http.Error(w, "showing the judgement: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(raw, '\n'))
}
