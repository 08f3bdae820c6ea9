package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/kmsg"
)

// Options of a registry.
type Options struct {
	// Snapshot returns what was seen last, at once. Required.
	Snapshot func() *agent.Snapshot
	// KernelLog tells how its reader is. Defaults to no such metrics.
	KernelLog func() kmsg.Health
	// Hostname and Version are shown as labels.
	Hostname, Version string
	// Now tells the time. Defaults to time.Now.
	Now func() time.Time
}

// Registry holds the GPUs' metrics and the agent's own.
func Registry(options Options) *prometheus.Registry {
	if options.Now == nil {
		options.Now = time.Now
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{options: options, readings: readings()}, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

type collector struct {
	options  Options
	readings []reading
}

// Describe implements [prometheus.Collector].
func (c *collector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, reading := range c.readings {
		descriptions <- reading.description
	}
	for _, own := range own() {
		descriptions <- own
	}
}

// Collect implements [prometheus.Collector].
func (c *collector) Collect(metrics chan<- prometheus.Metric) {
	snapshot := c.options.Snapshot()
	for _, device := range snapshot.Host.Devices {
		names := names(device, c.options.Hostname, snapshot.Host.DriverVersion)
		for _, reading := range c.readings {
			if value := reading.value(device); value != nil {
				metrics <- prometheus.MustNewConstMetric(reading.description, reading.kind, *value, names...)
			}
		}
		last := lastXid(snapshot.Counters.Xids, device.UUID, c.options.Now())
		metrics <- prometheus.MustNewConstMetric(xidGauge, prometheus.GaugeValue, float64(last), names...)
	}
	collectXids(snapshot.Counters.Xids, metrics)
	c.collectVerdict(snapshot, metrics)
	c.collectSelf(snapshot, metrics)
}
