package metrics

import (
	"net/http"
	"sync"
	"time"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/kmsg"
)

// Options of a handler.
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

// Handler shows the GPUs' metrics and the agent's own.
func Handler(options Options) http.Handler {
	if options.Now == nil {
		options.Now = time.Now
	}
	readings := readings()
	pages := sync.Pool{New: func() any { return new(page) }}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		snapshot := options.Snapshot()
		p := pages.Get().(*page)
		defer pages.Put(p)
		p.Reset()
		p.devices(snapshot, readings, options)
		p.xids(snapshot.Counters.Xids)
		p.verdict(snapshot)
		p.self(snapshot, options)
		p.process()
		w.Header().Set("Content-Type", ContentType)
		_, _ = w.Write(p.Bytes())
	})
}

// devices writes all readings, family by family.
func (p *page) devices(snapshot *agent.Snapshot, readings []reading, options Options) {
	devices := snapshot.Host.Devices
	rendered := make([]string, len(devices))
	for i, device := range devices {
		rendered[i] = render(labels, names(device, options.Hostname, snapshot.Host.DriverVersion)...)
	}
	for _, reading := range readings {
		begun := false
		for i, device := range devices {
			value := reading.value(device)
			if value == nil || !finite(*value) {
				continue
			}
			if !begun {
				p.begin(reading.family)
				begun = true
			}
			p.series(reading.name, rendered[i], *value)
		}
	}
	if len(devices) > 0 {
		p.begin(xidGauge)
	}
	for i, device := range devices {
		p.series(xidGauge.name, rendered[i], float64(lastXid(snapshot.Counters.Xids, device.UUID, options.Now())))
	}
}
