package observe

import "time"

// EventKind is what happened.
type EventKind string

// Kinds of events.
const (
	// EventXid is an error that the driver reports by number.
	EventXid EventKind = "xid"
	// EventSXid is the same from an NVSwitch.
	EventSXid EventKind = "sxid"
	// EventOffBus is a device that has fallen off the bus.
	EventOffBus EventKind = "off_bus"
	// EventInitFailed is a device that the driver could not start.
	EventInitFailed EventKind = "init_failed"
	// EventStorm stands for events that came too fast to keep one by one.
	EventStorm EventKind = "storm"
)

// Event is something that happened once, told as it happens. The same Xid may
// be told by two sources (NVML and the kernel log): Source tells them apart.
type Event struct {
	Kind EventKind
	// At is when it happened, by the agent's clock.
	At time.Time
	// Source is nvml or kmsg.
	Source string
	// Code of an Xid or SXid.
	Code int
	// UUID of the device where the source knows it, PCI else; both may be empty.
	UUID, PCI string
	// PID of the process concerned, where the source tells.
	PID int
	// Fatal is what an SXid line says of itself.
	Fatal bool
	// Detail is the source's own text, at most 256 bytes.
	Detail string
	// Count is how many equal events this stands for; 0 reads as 1.
	Count int
}

// Events takes what happens. It must not block: a source calls it from the loop
// in which it reads.
type Events func(Event)
