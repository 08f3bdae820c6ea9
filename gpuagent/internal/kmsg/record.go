package kmsg

import (
	"strconv"
	"strings"
	"time"
)

// Record is one message of the kernel log.
type Record struct {
	// Priority is the level (0 emergency to 7 debug) and eight times the facility.
	Priority int
	Sequence uint64
	// SinceBoot is when the kernel wrote it.
	SinceBoot time.Duration
	Text      string
}

// kernelFacility is that of the kernel itself. A program that writes to
// /dev/kmsg cannot give itself this one, so none can forge an error of the
// driver (kernel/printk/printk.c, devkmsg_write, 2026-11-24).
const kernelFacility = 0

// ParseRecord reads a line in the form of /dev/kmsg:
//
//	4,1234,5678901,-;NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.
//
// (Documentation/ABI/testing/dev-kmsg, 2026-11-24). Lines that begin with a
// space carry more about the record before and are none.
func ParseRecord(line string) (Record, bool) {
	head, text, found := strings.Cut(line, ";")
	if !found || strings.HasPrefix(line, " ") {
		return Record{}, false
	}
	fields := strings.Split(head, ",")
	if len(fields) < 4 {
		return Record{}, false
	}
	priority, priorityErr := strconv.ParseUint(fields[0], 10, 16)
	sequence, sequenceErr := strconv.ParseUint(fields[1], 10, 64)
	micros, microsErr := strconv.ParseUint(fields[2], 10, 53)
	if priorityErr != nil || sequenceErr != nil || microsErr != nil {
		return Record{}, false
	}
	return Record{
		Priority: int(priority), Sequence: sequence,
		SinceBoot: time.Duration(micros) * time.Microsecond, Text: unescape(text),
	}, true
}

// Facility that wrote the record.
func (r Record) Facility() int { return r.Priority >> 3 }

// unescape turns the kernel's \x0a into what it stands for.
func unescape(text string) string {
	if !strings.Contains(text, `\x`) {
		return text
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, `\x`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		if len(after) < 2 {
			out.WriteString(`\x` + after)
			return out.String()
		}
		if code, err := strconv.ParseUint(after[:2], 16, 8); err == nil {
			out.WriteByte(byte(code))
		} else {
			out.WriteString(`\x` + after[:2])
		}
		text = after[2:]
	}
}
