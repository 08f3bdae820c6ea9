package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// What the agent thinks.
var (
	nodeState  = description("gpuagent_node_state", "1 for the state that the node is in.", "state")
	nodeReason = description("gpuagent_node_reason", "1 for each reason of the node's state.", "reason")
	gpuState   = description("gpuagent_gpu_state", "1 for the state that a GPU is in, with its reason.", "gpu", "UUID", "state", "reason")
	expected   = description("gpuagent_gpus_expected", "GPUs that the instance type has.")
	found      = description("gpuagent_gpus", "GPUs that the driver lists.")
	spot       = description("gpuagent_spot_notice", "1 once EC2 has announced that it takes the instance back.")
	phase      = description("gpuagent_phase", "1 for how far the agent is with taking the host out of service.", "phase")
	blocked    = description("gpuagent_blocked", "1 while something keeps a host that should be drained from it.")
)

// How the agent is itself.
var (
	build     = description("gpuagent_build_info", "1, with the version of the agent.", "version")
	started   = description("gpuagent_start_timestamp_seconds", "When the agent started.")
	looked    = description("gpuagent_last_look_timestamp_seconds", "When the agent last looked at the host.")
	lookTime  = description("gpuagent_last_look_duration_seconds", "How long it took to read all GPUs.")
	source    = description("gpuagent_source_up", "1 when the agent can read a source, 0 when not.", "source")
	looks     = description("gpuagent_looks_total", "Looks at the GPUs.")
	failures  = description("gpuagent_failures_total", "What the agent could not do, by what it was.", "what")
	changes   = description("gpuagent_changes_total", "Judgements that changed something.")
	writes    = description("gpuagent_status_writes_total", "Status files written.")
	events    = description("gpuagent_events_total", "Events that the agent was told.")
	dropped   = description("gpuagent_events_dropped_total", "Events that came too fast to be judged one by one.")
	calls     = description("gpuagent_aws_calls_total", "Calls to AWS by action.", "action")
	callsFail = description("gpuagent_aws_call_failures_total", "Calls to AWS that failed, by action.", "action")
	kmsgLines = description("gpuagent_kmsg_lines_total", "Lines of the kernel log that were read.")
	overruns  = description("gpuagent_kmsg_overruns_total", "How often the kernel log was overwritten before it was read.")
)

func own() []*prometheus.Desc {
	return []*prometheus.Desc{
		xidTotal, xidLast, sxidTotal, sxidLast, xidGauge, nodeState, nodeReason, gpuState, expected, found, spot, phase, blocked, build, started,
		looked, lookTime, source, looks, failures, changes, writes, events, dropped, calls, callsFail, kmsgLines, overruns,
	}
}

// shower shows values as gauges or counters.
type shower chan<- prometheus.Metric

func (s shower) gauge(description *prometheus.Desc, value float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
}

func (s shower) counter(description *prometheus.Desc, value uint64, labels ...string) {
	s <- prometheus.MustNewConstMetric(description, prometheus.CounterValue, float64(value), labels...)
}

func (c *collector) collectVerdict(snapshot *agent.Snapshot, metrics chan<- prometheus.Metric) {
	show, status := shower(metrics), snapshot.Status
	for _, state := range []nodestatus.State{nodestatus.OK, nodestatus.Impaired, nodestatus.Initializing, nodestatus.InsufficientData} {
		show.gauge(nodeState, yes(state == status.State), string(state))
	}
	shown := map[string]bool{}
	for _, reason := range status.Reasons {
		if !shown[reason] {
			show.gauge(nodeReason, 1, reason)
		}
		shown[reason] = true
	}
	for _, gpu := range status.GPUs {
		show.gauge(gpuState, 1, strconv.Itoa(gpu.Index), gpu.UUID, string(gpu.State), gpu.Reason)
	}
	show.gauge(found, float64(len(snapshot.Host.Devices)))
	if snapshot.Host.ExpectedDevices > 0 {
		show.gauge(expected, float64(snapshot.Host.ExpectedDevices))
	}
	show.gauge(spot, yes(status.Spot != nil))
	for _, each := range []act.Phase{act.Watching, act.Waiting, act.Draining, act.Replacing} {
		show.gauge(phase, yes(each == snapshot.Acting.Phase), string(each))
	}
	show.gauge(blocked, yes(snapshot.Acting.Blocked != ""))
}

func (c *collector) collectSelf(snapshot *agent.Snapshot, metrics chan<- prometheus.Metric) {
	show, counters, host := shower(metrics), snapshot.Counters, snapshot.Host
	show.gauge(build, 1, c.options.Version)
	if !counters.Started.IsZero() {
		show.gauge(started, seconds(counters.Started))
	}
	if !host.At.IsZero() {
		show.gauge(looked, seconds(host.At))
	}
	show.gauge(lookTime, counters.LookDuration.Seconds())
	show.gauge(source, yes(host.DevicesErr == nil), "nvml")
	show.gauge(source, yes(host.NoticesErr == nil), "imds")
	show.gauge(source, yes(host.TasksErr == nil), "ecs")
	show.counter(looks, counters.Looks)
	show.counter(failures, counters.LookFailures, "look")
	show.counter(failures, counters.NoticeFailures, "notices")
	show.counter(failures, counters.TaskFailures, "tasks")
	show.counter(failures, counters.WriteFailures, "status_file")
	show.counter(changes, counters.Changes)
	show.counter(writes, counters.Writes)
	show.counter(events, counters.Events)
	show.counter(dropped, counters.EventsDropped)
	for action, count := range snapshot.Acting.Calls {
		show.counter(calls, count, action)
	}
	for action, count := range snapshot.Acting.Failures {
		show.counter(callsFail, count, action)
	}
	if c.options.KernelLog != nil {
		log := c.options.KernelLog()
		show.gauge(source, yes(log.Err == ""), "kmsg")
		show.counter(kmsgLines, log.Lines)
		show.counter(overruns, log.Overruns)
	}
}
