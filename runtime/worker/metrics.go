package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/runtime/jobs"
)

// Metrics count what a worker does. Labels are few and fixed: never a job or a tenant.
type Metrics struct {
	slotsTotal prometheus.Gauge
	slotsBusy  prometheus.Gauge
	drainingIs prometheus.Gauge
	up         prometheus.Gauge
	receives   *prometheus.CounterVec
	messages   *prometheus.CounterVec
	claims     *prometheus.CounterVec
	renewals   *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
}

// NewMetrics registers the metrics; with nil nobody reads them.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tandem", Subsystem: "worker", Name: name, Help: help})
	}
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tandem", Subsystem: "worker", Name: name, Help: help}, []string{label})
	}
	m := &Metrics{
		slotsTotal: gauge("slots", "Jobs that may run at once."),
		slotsBusy:  gauge("slots_busy", "Jobs that run."),
		drainingIs: gauge("draining", "1 while attempts are being stopped because the task or its host goes away."),
		up:         gauge("container_up", "1 while the model container answers /ping."),
		receives:   counter("receives_total", "Receive calls to the queue, by result.", "result"),
		messages:   counter("messages_received_total", "Messages received, by priority.", "priority"),
		claims:     counter("claims_total", "Messages by what their claim came to: claimed, held, over, blocked, malformed, error.", "result"),
		renewals:   counter("lease_renewals_total", "Lease renewals, by result.", "result"),
		attempts:   counter("attempts_total", "Attempts that ended, by outcome.", "outcome"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "tandem", Subsystem: "worker", Name: "attempt_duration_seconds",
			Help:    "How long attempts took, by outcome.",
			Buckets: []float64{.1, 1, 10, 60, 300, 1800, 7200, 43200},
		}, []string{"outcome"}),
	}
	if registerer != nil {
		registerer.MustRegister(m.slotsTotal, m.slotsBusy, m.drainingIs, m.up, m.receives, m.messages,
			m.claims, m.renewals, m.attempts, m.durations)
	}
	return m
}

func result(err error) string {
	if err != nil {
		return "error"
	}
	return "ok"
}

func (m *Metrics) slots(count int) { m.slotsTotal.Set(float64(count)) }

func (m *Metrics) received(priority jobs.Priority, count int, err error) {
	m.receives.WithLabelValues(result(err)).Inc()
	m.messages.WithLabelValues(string(priority)).Add(float64(count))
}

func (m *Metrics) claimed(result string) { m.claims.WithLabelValues(result).Inc() }

func (m *Metrics) renewed(err error) { m.renewals.WithLabelValues(result(err)).Inc() }

func (m *Metrics) began() { m.slotsBusy.Inc() }

func (m *Metrics) ended(outcome outcome, took time.Duration) {
	m.slotsBusy.Dec()
	m.attempts.WithLabelValues(string(outcome)).Inc()
	m.durations.WithLabelValues(string(outcome)).Observe(took.Seconds())
}

func (m *Metrics) containerUp(up bool) { m.up.Set(number(up)) }

func (m *Metrics) draining(draining bool) { m.drainingIs.Set(number(draining)) }

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
