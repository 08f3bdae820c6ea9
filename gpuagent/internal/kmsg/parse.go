package kmsg

import (
	"strconv"
	"strings"

	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
)

// longestDetail of an event, in bytes.
const longestDetail = 256

// Parser understands the driver's lines. It remembers which device has which
// name, which the driver says once, and the first half of a message in two lines.
// The zero value is ready.
type Parser struct {
	// uuids by address, as the driver introduces them.
	uuids map[string]string
	// half is the device of a message that goes on in the next line.
	half  string
	lines int
}

// mostDevices that are remembered; a p5.48xlarge has 8 and 4 switches.
const mostDevices = 64

// Parse reads the text of one message. It is false for what is no event of a GPU.
func (p *Parser) Parse(text string) (observe.Event, bool) {
	var event observe.Event
	found := false
	switch at := strings.Index(text, "NVRM: "); {
	case at >= 0:
		event, found = p.driver(text[at+len("NVRM: "):])
	case strings.Contains(text, "SXid ("):
		event, found = nvswitch(text)
	}
	if !found {
		return observe.Event{}, false
	}
	event.Source = "kmsg"
	event.UUID = p.uuids[event.PCI]
	event.Detail = detail(text)
	return event, true
}

func (p *Parser) driver(text string) (observe.Event, bool) {
	if p.lines++; p.lines > 3 {
		p.half = ""
	}
	switch {
	case strings.HasPrefix(text, "Xid"):
		return xid(text)
	case strings.Contains(text, "fallen off the bus"):
		return p.offBus(text)
	case strings.Contains(text, "RmInitAdapter failed"), strings.Contains(text, "rm_init_adapter failed"):
		return observe.Event{Kind: observe.EventInitFailed, PCI: device(text)}, true
	case strings.HasPrefix(text, "The NVIDIA GPU "):
		// NVRM: The NVIDIA GPU 0000:b3:00.0
		// NVRM: (PCI ID: 10de:26b5) installed in this system has
		// NVRM: fallen off the bus and is not responding to commands.
		p.half, p.lines = device(text), 0
	case strings.HasPrefix(text, "GPU at "):
		p.introduce(text)
	}
	return observe.Event{}, false
}

// xid reads what follows NVRM: in
//
//	NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.
//	NVRM: Xid (PCI:0000:cb:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception
//	NVRM: Xid (PCI:0000:01:00): 31, Ch 00000009, engmask 00000101, intr 10000000
//	NVRM: Xid (0000:01:00): 13, 0005 00000000 0000502d 00000104 00000000 00000100
//	NVRM: Xid (0009:00): 53, CMDre 00000000 00000080 00000000 00000005 00000005
func xid(text string) (observe.Event, bool) {
	address, rest, ok := parenthesis(strings.TrimPrefix(text, "Xid"))
	if !ok {
		return observe.Event{}, false
	}
	code, rest, ok := leading(rest)
	if !ok || code > 9999 {
		return observe.Event{}, false
	}
	event := observe.Event{Kind: observe.EventXid, Code: code, PCI: pci.Address(address)}
	if _, after, found := strings.Cut(rest, "pid="); found {
		if pid, _, ok := leading(strings.TrimPrefix(after, "'")); ok {
			event.PID = pid
		}
	}
	return event, true
}

// nvswitch reads
//
//	nvidia-nvswitch3: SXid (PCI:0000:05:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error (First)
//
// and passes over the lines of the same error that follow, with its Severity and Data.
func nvswitch(text string) (observe.Event, bool) {
	_, after, _ := strings.Cut(text, "SXid ")
	address, rest, ok := parenthesis(after)
	if !ok {
		return observe.Event{}, false
	}
	code, rest, ok := leading(rest)
	if !ok {
		return observe.Event{}, false
	}
	rest = strings.TrimLeft(rest, ", ")
	if strings.HasPrefix(rest, "Data {") || strings.HasPrefix(rest, "Severity ") {
		return observe.Event{}, false
	}
	return observe.Event{Kind: observe.EventSXid, Code: code, PCI: pci.Address(address), Fatal: strings.HasPrefix(rest, "Fatal")}, true
}

// offBus reads
//
//	NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.
//	NVRM: GPU at PCI:0000:01:00 has fallen off the bus.
//	NVRM: GPU at 0000:08:00.0 has fallen off the bus.
//	NVRM: fallen off the bus and is not responding to commands.
func (p *Parser) offBus(text string) (observe.Event, bool) {
	address := device(text)
	if address == "" {
		address, p.half = p.half, ""
	}
	return observe.Event{Kind: observe.EventOffBus, PCI: address}, true
}

// introduce reads
//
//	NVRM: GPU at PCI:0000:01:00: GPU-bc0fa0b9-cac2-f507-b715-9bebdb69c71e
func (p *Parser) introduce(text string) {
	words := strings.Fields(text)
	if len(words) < 4 || !strings.HasPrefix(words[3], "GPU-") || len(words[3]) > 96 {
		return
	}
	address := pci.Address(strings.TrimSuffix(words[2], ":"))
	if address == "" || len(p.uuids) >= mostDevices && p.uuids[address] == "" {
		return
	}
	if p.uuids == nil {
		p.uuids = map[string]string{}
	}
	p.uuids[address] = words[3]
}

// parenthesis splits ' (PCI:0000:00:1e): 79, ...' into the address and the rest.
func parenthesis(text string) (inside, rest string, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimLeft(text, " "), "(")
	if !ok {
		return "", "", false
	}
	inside, rest, ok = strings.Cut(text, ")")
	return inside, strings.TrimLeft(rest, ": "), ok
}

// leading reads the number at the start.
func leading(text string) (number int, rest string, ok bool) {
	end := 0
	for end < len(text) && end < 9 && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	number, err := strconv.Atoi(text[:end])
	return number, text[end:], err == nil
}

// device is the first address in a text.
func device(text string) string {
	for word := range strings.FieldsSeq(text) {
		if address := pci.Address(strings.Trim(word, ":,()")); address != "" && strings.Count(word, ":") > 1 {
			return address
		}
	}
	return ""
}

// detail is a text that is safe to log and to show.
func detail(text string) string {
	if len(text) > longestDetail {
		text = text[:longestDetail]
	}
	printable := func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}
	return strings.Map(printable, strings.ToValidUTF8(text, ""))
}
