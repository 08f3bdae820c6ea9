package metrics

import (
	"maps"
	"slices"
	"strconv"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

// What the agent thinks.
var (
	nodeState  = family{"gpuagent_node_state", kindGauge, "1 for the state that the node is in."}
	nodeReason = family{"gpuagent_node_reason", kindGauge, "1 for each reason of the node's state."}
	gpuState   = family{"gpuagent_gpu_state", kindGauge, "1 for the state that a GPU is in, with its reason."}
	expected   = family{"gpuagent_gpus_expected", kindGauge, "GPUs that the instance type has."}
	found      = family{"gpuagent_gpus", kindGauge, "GPUs that the driver lists."}
	spot       = family{"gpuagent_spot_notice", kindGauge, "1 once EC2 has announced that it takes the instance back."}
	phase      = family{"gpuagent_phase", kindGauge, "1 for how far the agent is with taking the host out of service."}
	blocked    = family{"gpuagent_blocked", kindGauge, "1 while something keeps a host that should be drained from it."}
)

// How the agent is itself.
var (
	build     = family{"gpuagent_build_info", kindGauge, "1, with the version of the agent."}
	started   = family{"gpuagent_start_timestamp_seconds", kindGauge, "When the agent started."}
	looked    = family{"gpuagent_last_look_timestamp_seconds", kindGauge, "When the agent last looked at the host."}
	lookTime  = family{"gpuagent_last_look_duration_seconds", kindGauge, "How long it took to read all GPUs."}
	source    = family{"gpuagent_source_up", kindGauge, "1 when the agent can read a source, 0 when not."}
	looks     = family{"gpuagent_looks_total", kindCounter, "Looks at the GPUs."}
	failures  = family{"gpuagent_failures_total", kindCounter, "What the agent could not do, by what it was."}
	changes   = family{"gpuagent_changes_total", kindCounter, "Judgements that changed something."}
	writes    = family{"gpuagent_status_writes_total", kindCounter, "Status files written."}
	events    = family{"gpuagent_events_total", kindCounter, "Events that the agent was told."}
	dropped   = family{"gpuagent_events_dropped_total", kindCounter, "Events that came too fast to be judged one by one."}
	calls     = family{"gpuagent_aws_calls_total", kindCounter, "Calls to AWS by action."}
	callsFail = family{"gpuagent_aws_call_failures_total", kindCounter, "Calls to AWS that failed, by action."}
	kmsgLines = family{"gpuagent_kmsg_lines_total", kindCounter, "Lines of the kernel log that were read."}
	overruns  = family{"gpuagent_kmsg_overruns_total", kindCounter, "How often the kernel log was overwritten before it was read."}
)

func (p *page) verdict(snapshot *agent.Snapshot) {
	status := snapshot.Status
	p.begin(nodeState)
	for _, state := range []nodestatus.State{nodestatus.OK, nodestatus.Impaired, nodestatus.Initializing, nodestatus.InsufficientData} {
		p.series(nodeState.name, render([]string{"state"}, string(state)), whether(state == status.State))
	}
	p.begin(nodeReason)
	for i, reason := range status.Reasons {
		if !slices.Contains(status.Reasons[:i], reason) {
			p.series(nodeReason.name, render([]string{"reason"}, reason), 1)
		}
	}
	p.begin(gpuState)
	for _, gpu := range status.GPUs {
		p.series(gpuState.name, render([]string{"gpu", "UUID", "state", "reason"}, strconv.Itoa(gpu.Index), gpu.UUID, string(gpu.State), gpu.Reason), 1)
	}
	p.one(found, float64(len(snapshot.Host.Devices)))
	if snapshot.Host.ExpectedDevices > 0 {
		p.one(expected, float64(snapshot.Host.ExpectedDevices))
	}
	p.one(spot, whether(status.Spot != nil))
	p.begin(phase)
	for _, each := range []act.Phase{act.Watching, act.Waiting, act.Draining, act.Replacing} {
		p.series(phase.name, render([]string{"phase"}, string(each)), whether(each == snapshot.Acting.Phase))
	}
	p.one(blocked, whether(snapshot.Acting.Blocked != ""))
}

func (p *page) self(snapshot *agent.Snapshot, options Options) {
	counters, host := snapshot.Counters, snapshot.Host
	p.begin(build)
	p.series(build.name, render([]string{"version"}, options.Version), 1)
	if !counters.Started.IsZero() {
		p.one(started, seconds(counters.Started))
	}
	if !host.At.IsZero() {
		p.one(looked, seconds(host.At))
	}
	p.one(lookTime, counters.LookDuration.Seconds())
	up := map[string]bool{"nvml": host.DevicesErr == nil, "imds": host.NoticesErr == nil, "ecs": host.TasksErr == nil}
	if options.KernelLog != nil {
		log := options.KernelLog()
		up["kmsg"] = log.Err == ""
		p.one(kmsgLines, float64(log.Lines))
		p.one(overruns, float64(log.Overruns))
	}
	p.begin(source)
	for _, name := range slices.Sorted(maps.Keys(up)) {
		p.series(source.name, render([]string{"source"}, name), whether(up[name]))
	}
	p.one(looks, float64(counters.Looks))
	p.counts(failures, "what", map[string]uint64{
		"look": counters.LookFailures, "notices": counters.NoticeFailures, "tasks": counters.TaskFailures, "status_file": counters.WriteFailures,
	})
	p.one(changes, float64(counters.Changes))
	p.one(writes, float64(counters.Writes))
	p.one(events, float64(counters.Events))
	p.one(dropped, float64(counters.EventsDropped))
	p.counts(calls, "action", snapshot.Acting.Calls)
	p.counts(callsFail, "action", snapshot.Acting.Failures)
}

// counts writes a counter by what it counts.
func (p *page) counts(f family, label string, counts map[string]uint64) {
	p.begin(f)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		p.series(f.name, render([]string{label}, name), float64(counts[name]))
	}
}
