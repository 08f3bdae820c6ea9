// Package metrics shows what the agent last saw to Prometheus, under the names
// and labels of NVIDIA's dcgm-exporter for what both measure, so that dashboards
// and alerts made for it go on working
// (https://github.com/NVIDIA/dcgm-exporter, etc/default-counters.csv, 2026-11-24).
//
// A scrape reads a snapshot and never asks the driver. A reading that a device
// does not offer is left out rather than shown as zero.
package metrics
