// Package server shows what the agent last saw: /healthz, /readyz, /v1/health
// and /metrics. It reads snapshots and never asks the driver.
package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

// Snapshots is who knows what was seen last.
type Snapshots interface {
	Snapshot() *agent.Snapshot
}

// New returns the handler of all paths.
func New(snapshots Snapshots, version string) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{snapshots: snapshots, version: version})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if snapshots.Snapshot().Status.State == nodestatus.Initializing {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /v1/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(snapshots.Snapshot().Status)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// collector has dcgm-exporter's names for what it measures
// (https://github.com/NVIDIA/dcgm-exporter, etc/default-counters.csv, 2026-11-24),
// so that dashboards made for it work unchanged.
type collector struct {
	snapshots Snapshots
	version   string
}

var (
	labels      = []string{"gpu", "UUID", "modelName"}
	temperature = prometheus.NewDesc("DCGM_FI_DEV_GPU_TEMP", "GPU temperature (in C).", labels, nil)
	power       = prometheus.NewDesc("DCGM_FI_DEV_POWER_USAGE", "Power draw (in W).", labels, nil)
	utilisation = prometheus.NewDesc("DCGM_FI_DEV_GPU_UTIL", "GPU utilization (in %).", labels, nil)
	memoryUsed  = prometheus.NewDesc("DCGM_FI_DEV_FB_USED", "Framebuffer memory used (in MiB).", labels, nil)
	memoryFree  = prometheus.NewDesc("DCGM_FI_DEV_FB_FREE", "Framebuffer memory free (in MiB).", labels, nil)
	state       = prometheus.NewDesc("gpuagent_node_state", "1 for the state that the node is in.", []string{"state"}, nil)
	build       = prometheus.NewDesc("gpuagent_build_info", "1, with the version of the agent.", []string{"version"}, nil)
)

// Describe implements [prometheus.Collector].
func (c *collector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{temperature, power, utilisation, memoryUsed, memoryFree, state, build} {
		descriptions <- description
	}
}

// Collect implements [prometheus.Collector].
func (c *collector) Collect(metrics chan<- prometheus.Metric) {
	snapshot := c.snapshots.Snapshot()
	for _, gpu := range snapshot.GPUs {
		names := []string{strconv.Itoa(gpu.Index), gpu.UUID, gpu.Name}
		for description, value := range map[*prometheus.Desc]float64{
			temperature: gpu.Temperature, power: gpu.Power, utilisation: gpu.Utilisation,
			memoryUsed: float64(gpu.MemoryUsed) / (1 << 20), memoryFree: float64(gpu.MemoryTotal-gpu.MemoryUsed) / (1 << 20),
		} {
			metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, names...)
		}
	}
	for _, each := range []nodestatus.State{nodestatus.OK, nodestatus.Impaired, nodestatus.Initializing, nodestatus.InsufficientData} {
		value := 0.0
		if each == snapshot.Status.State {
			value = 1
		}
		metrics <- prometheus.MustNewConstMetric(state, prometheus.GaugeValue, value, string(each))
	}
	metrics <- prometheus.MustNewConstMetric(build, prometheus.GaugeValue, 1, c.version)
}
