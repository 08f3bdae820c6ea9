package agent

import (
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

// Snapshot is what is known of the host at one moment. It is never changed once
// it is published, so that readers need no lock and never wait for the driver.
type Snapshot struct {
	// Host as it was last seen.
	Host observe.Host
	// Health is the judgement in full; Status is what of it workers are told.
	Health health.Judgement
	Status nodestatus.Status
	// Acting is what is done about it.
	Acting act.Report
	// Counters since the agent started.
	Counters Counters
}

// Counters since the agent started.
type Counters struct {
	// Started is when the agent did.
	Started time.Time
	// Xids by device and code. Two sources tell of one error: the larger count holds.
	Xids map[XidKey]XidCount
	// Events taken, and those that were dropped because they came too fast.
	Events, EventsDropped uint64
	// Looks at the devices, those that failed, and how long the last one took.
	Looks, LookFailures uint64
	LookDuration        time.Duration
	// NoticeFailures and TaskFailures count failed questions to EC2 and to ECS's agent.
	NoticeFailures, TaskFailures uint64
	// Judgements that changed something, status files written, and those that could not be.
	Changes, Writes, WriteFailures uint64
}

// XidKey is a device and a code. UUID is the device's PCI address where its UUID is not known.
type XidKey struct {
	UUID string
	Code int
	// Switch is set for SXids of an NVSwitch.
	Switch bool
}

// XidCount is how many there were and when the last one was.
type XidCount struct {
	Count uint64
	Last  time.Time
}
