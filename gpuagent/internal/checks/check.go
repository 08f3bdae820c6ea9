package checks

import (
	"fmt"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
	"tandem/gpuagent/internal/xid"
)

// Check looks for one thing. It may remember what it saw before, and is used by
// one goroutine.
type Check interface {
	// Doc says what it looks for and why.
	Doc() Doc
	// Look at a host as it was polled. A part that could not be read says nothing.
	Look(host observe.Host) []finding.Finding
	// Event takes what happened, beside the host as it was polled last.
	Event(event observe.Event, host observe.Host) []finding.Finding
}

// Doc is a check's row in the guide.
type Doc struct {
	// Name of the check.
	Name string
	// Finds is what it looks for, When from when on it counts and when it is gone.
	Finds, When string
	// Reasons that it gives, in the order of the guide.
	Reasons []Reason
	// Why it matters, and where that is said, with a date.
	Why, Source string
}

// Reason is one that a check gives.
type Reason struct {
	Name     string
	Severity finding.Severity
	Action   finding.Action
	Means    string
}

// All returns a new set of all checks, in the order of the guide.
func All(table *xid.Table) []Check {
	return []Check{
		&DeviceCount{}, &GPULost{}, &Xid{Table: table}, &Recovery{}, &ECC{}, &RowRemapping{}, &PageRetirement{},
		&Slowdown{}, &PowerBrake{}, &PCIe{}, &NVLink{}, &Fabric{}, &Driver{}, &Hung{}, &Container{}, &Notices{},
	}
}

// noEvents is for checks that only look.
type noEvents struct{}

// Event hears nothing.
func (noEvents) Event(observe.Event, observe.Host) []finding.Finding { return nil }

// reason makes a finding with the severity and the action that the row promises.
func (d Doc) reason(name string) finding.Finding {
	for _, each := range d.Reasons {
		if each.Name == name {
			return finding.Finding{Check: d.Name, Reason: name, GPU: finding.Node, Severity: each.Severity, Action: each.Action}
		}
	}
	panic(fmt.Sprintf("check %s gives the reason %s, of which its row says nothing", d.Name, name))
}

// on makes the finding one of a device.
func on(f finding.Finding, device observe.Device, evidence string, values ...any) finding.Finding {
	f = of(f, device)
	f.Evidence = fmt.Sprintf(evidence, values...)
	return f
}

// of names the device; one that is not known yet by its address.
func of(f finding.Finding, device observe.Device) finding.Finding {
	f.GPU, f.UUID = device.Index, device.UUID
	if device.Index == finding.Node {
		f.PCI = device.PCI
	}
	return f
}

// locate finds the device of an event; false if none of the host is it.
func locate(event observe.Event, host observe.Host) (observe.Device, bool) {
	address := pci.Address(event.PCI)
	for _, device := range host.Devices {
		if event.UUID != "" && device.UUID == event.UUID {
			return device, true
		}
		if address != "" && pci.Address(device.PCI) == address {
			return device, true
		}
	}
	return observe.Device{Index: finding.Node, UUID: event.UUID, PCI: address}, false
}

// readable are the devices that were read.
func readable(host observe.Host) []observe.Device {
	if host.DevicesErr != nil {
		return nil
	}
	devices := make([]observe.Device, 0, len(host.Devices))
	for _, device := range host.Devices {
		if !device.Lost && device.Err == nil {
			devices = append(devices, device)
		}
	}
	return devices
}

// name of a device that stays the same while devices come and go.
func name(device observe.Device) string {
	if device.UUID != "" {
		return device.UUID
	}
	return fmt.Sprint(device.Index)
}

// spared says whether the driver has a verdict on the device and asks for
// nothing. It decides where sources disagree on what a reading means.
func spared(device observe.Device) bool {
	return device.RecoveryAction != nil && *device.RecoveryAction == observe.RecoverNone
}

// leave makes an impairment a note.
func leave(f finding.Finding) finding.Finding {
	f.Severity = finding.Note
	return f
}
