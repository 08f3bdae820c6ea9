package scenario

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tandem/gpuagent/internal/observe"
)

// readGPU reads what happens to a device: gpu 2 xid 79 …
func readGPU(line words) (func(*World) error, error) {
	index, err := line.number(0)
	if err != nil {
		return nil, err
	}
	switch what := line.at(1); what {
	case "xid", "bus", "init":
		return readGPUEvent(index, what, line[2:])
	default:
		change, err := readReading(what, line[min(2, len(line)):])
		return func(w *World) error {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			if what == "gone" {
				return w.remove(index)
			}
			for i := range w.devices {
				if w.devices[i].Index == index {
					change(&w.devices[i])
					return nil
				}
			}
			return fmt.Errorf("there is no GPU %d", index)
		}, err
	}
}

// remove a device from the list, as the driver does at its next start.
func (w *World) remove(index int) error {
	for i := range w.devices {
		if w.devices[i].Index == index {
			w.devices = append(w.devices[:i:i], w.devices[i+1:]...)
			for j := range w.devices {
				w.devices[j].Index = j
			}
			return nil
		}
	}
	return fmt.Errorf("there is no GPU %d", index)
}

// mostEvents that one line may tell.
const mostEvents = 100_000

// readGPUEvent reads xid 79 [times 10000] [by nvml|kmsg] [saying …], bus and init.
func readGPUEvent(index int, what string, line words) (func(*World) error, error) {
	event := observe.Event{Kind: observe.EventOffBus, UUID: uuid(index), PCI: address(index)}
	times, sources := 1, []string{"kmsg"}
	if what == "init" {
		event.Kind = observe.EventInitFailed
	}
	var err error
	if what == "xid" {
		event.Kind, sources = observe.EventXid, []string{"nvml", "kmsg"}
		if event.Code, err = line.number(0); err != nil {
			return nil, err
		}
		line = line[1:]
	}
	for len(line) > 0 {
		switch line.at(0) {
		case "times":
			if times, err = line.number(1); err == nil && times > mostEvents {
				err = fmt.Errorf("%d events are too many for one line", times)
			}
		case "by":
			var source string
			source, err = line.one(1, "nvml", "kmsg")
			sources = []string{source}
		case "saying":
			event.Detail, line = line.rest(1), nil
			continue
		default:
			err = fmt.Errorf("%q is none of times, by, saying", line.at(0))
		}
		if err != nil {
			return nil, err
		}
		line = line[2:]
	}
	return func(w *World) error {
		for range times {
			w.tell(event, sources...)
		}
		return nil
	}, nil
}

// readReading reads what the driver says of a device from now on.
func readReading(what string, line words) (func(*observe.Device), error) {
	number, numberErr := line.number(0)
	second, secondErr := line.number(1)
	switch what {
	case "lost", "gone":
		return func(d *observe.Device) { d.Lost = true }, nil
	case "back":
		return func(d *observe.Device) { d.Lost, d.Err = false, nil }, nil
	case "unreadable":
		return func(d *observe.Device) { d.Err = errors.New("the driver says: unknown error") }, nil
	case "temperature":
		return func(d *observe.Device) { d.Temperature = value(float64(number)) }, numberErr
	case "use":
		return func(d *observe.Device) { d.Utilisation = value(float64(number)) }, numberErr
	case "ecc":
		return func(d *observe.Device) { d.ECCVolatile = value(uint64(number)) }, numberErr
	case "aggregate":
		return func(d *observe.Device) { d.ECCAggregate = value(uint64(number)) }, numberErr
	case "pages":
		return func(d *observe.Device) {
			d.RetiredPages = &observe.RetiredPages{DoubleBit: number, Pending: line.at(1) == "pending"}
		}, numberErr
	case "lanes":
		return func(d *observe.Device) {
			d.PCIe = &observe.PCIeLink{Generation: 4, MaxGeneration: 4, Width: number, MaxWidth: second}
		}, errors.Join(numberErr, secondErr)
	case "processes":
		return func(d *observe.Device) {
			d.Processes = nil
			for i := range min(number, 100) {
				d.Processes = append(d.Processes, 1000+i)
			}
		}, numberErr
	case "nonsense":
		return nonsense, nil
	default:
		return readState(what, line)
	}
}

func readState(what string, line words) (func(*observe.Device), error) {
	switch what {
	case "throttle":
		masks := map[string]uint64{
			"none": 0, "thermal": observe.ThrottleHWThermal | observe.ThrottleHWSlowdown, "software": observe.ThrottleSWThermal,
			"brake": observe.ThrottleHWPowerBrake | observe.ThrottleHWSlowdown, "slowdown": observe.ThrottleHWSlowdown, "idle": 1,
		}
		mask, known := masks[line.at(0)]
		if !known {
			return nil, fmt.Errorf("nothing is throttled by %q", line.at(0))
		}
		return func(d *observe.Device) { d.ThrottleReasons = &mask }, nil
	case "remap":
		state, err := line.one(0, "pending", "failed", "none")
		return func(d *observe.Device) {
			d.RemappedRows = &observe.RemappedRows{Pending: state == "pending", Failed: state == "failed", Uncorrectable: 1}
		}, err
	case "verdict":
		verdicts := map[string]observe.RecoveryAction{
			"none": observe.RecoverNone, "reset": observe.RecoverGPUReset, "reboot": observe.RecoverNodeReboot,
			"p2p": observe.RecoverDrainP2P, "drain": observe.RecoverDrainAndReset, "unknown": observe.RecoverUnknown,
		}
		verdict, known := verdicts[line.at(0)]
		if !known {
			return nil, fmt.Errorf("the driver has no verdict %q", line.at(0))
		}
		return func(d *observe.Device) { d.RecoveryAction = &verdict }, nil
	case "fabric":
		state, err := line.one(0, "completed", "in_progress", "not_started", "failed", "unhealthy")
		return func(d *observe.Device) {
			d.Fabric = &observe.Fabric{State: state}
			switch state {
			case "failed":
				d.Fabric = &observe.Fabric{State: "completed", Err: "unknown error"}
			case "unhealthy":
				d.Fabric = &observe.Fabric{State: "completed", Unhealthy: []string{"bandwidth_degraded"}}
			}
		}, err
	case "link":
		state, err := line.one(0, "up", "down")
		errorsOf, numberErr := 0, error(nil)
		if line.at(1) != "" {
			errorsOf, numberErr = line.number(2)
		}
		return func(d *observe.Device) {
			d.NVLinks = []observe.NVLink{{Index: 0, Active: state == "up", Errors: map[string]uint64{}}}
			if line.at(1) != "" {
				d.NVLinks[0].Errors[line.at(1)] = uint64(errorsOf)
			}
		}, errors.Join(err, numberErr)
	default:
		return nil, fmt.Errorf("nothing is known of %q", what)
	}
}

// nonsense is what no device can say, past whatever a source weeds out.
func nonsense(d *observe.Device) {
	*d = observe.Device{
		Index: d.Index, UUID: d.UUID, PCI: "zz:zz", Temperature: value(math.NaN()), Utilisation: value(-4.0), Power: value(math.Inf(1)),
		ThrottleReasons: value(uint64(math.MaxUint64 &^ 0xff)), RemappedRows: &observe.RemappedRows{Correctable: -1, Uncorrectable: -1},
		RetiredPages: &observe.RetiredPages{SingleBit: -5}, PCIe: &observe.PCIeLink{}, NVLinks: []observe.NVLink{{Index: -1}},
		Fabric: &observe.Fabric{State: "\x00"}, Processes: []int{-1},
	}
}

// others lets agents of other instances take places and drain, or return.
func (w *World) others(drain bool, count int) error {
	for i := 1; i <= count || !drain && i <= len(w.fleet.Draining())+1; i++ {
		host := arn(500 + i)
		if drain {
			w.fleet.Add(host, 1)
			w.fleet.SetDraining(host, true)
			if taken, err := w.places.Take(context.Background(), host, math.MaxInt); err != nil || !taken {
				return fmt.Errorf("another agent takes a place: %w", err)
			}
		} else {
			_ = w.places.Leave(context.Background(), host)
		}
	}
	if !drain {
		for _, each := range w.fleet.Draining() {
			if each != w.self {
				w.fleet.SetDraining(each, false)
			}
		}
	}
	return nil
}
