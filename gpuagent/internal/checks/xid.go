package checks

import (
	"slices"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
)

// Xid judges the errors that the driver reports by number, by the policy.
type Xid struct {
	// Table of policies. Required.
	Table   *xid.Table
	counted map[counter][]time.Time
	// disputed errors wait for the driver's verdict.
	disputed []dispute
}

// counter is what is counted apart: two sources tell of one error, so that only
// what one of them says is added up.
type counter struct {
	device, source string
	code           int
	isSwitch       bool
}

type dispute struct {
	device string
	at     time.Time
	found  finding.Finding
}

const (
	// mostCounters that are kept; beyond them the oldest are forgotten.
	mostCounters = 512
	// verdictWait is how long a disputed error waits for a look at its device.
	verdictWait = 30 * time.Second
)

// Doc implements [Check].
func (*Xid) Doc() Doc {
	return Doc{
		Name: "xid", Finds: "an error that the driver or an NVSwitch reports by number",
		When: "by the table of Xids; where sources disagree, once the driver's verdict is known. It stays until the next boot, or until the driver takes its verdict back",
		Reasons: []Reason{
			{"XID_…", finding.Impaired, "by the table", "The driver has reported an error; see the table of Xids."},
			{"SXID_…", finding.Impaired, "by the table", "An NVSwitch has reported an error; see the table of SXids."},
			{"EVENT_STORM", finding.Note, finding.None, "Errors came too fast and in too many kinds to tell them apart."},
		},
		Why:    "It is the first and often the only sign of a GPU that is about to fail. Most numbers are errors of applications, however, on which nobody should act.",
		Source: "https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html, 2026-11-24",
	}
}

// Event implements [Check].
func (c *Xid) Event(event observe.Event, host observe.Host) []finding.Finding {
	var policy xid.Policy
	switch event.Kind {
	case observe.EventXid:
		policy = c.Table.Xid(event.Code)
	case observe.EventSXid:
		policy = c.Table.SXid(event.Code, event.Fatal)
	case observe.EventStorm:
		f := c.Doc().reason("EVENT_STORM")
		f.Evidence, f.Count = evidence(event), event.Count
		return []finding.Finding{f}
	default:
		return nil
	}
	device, located := locate(event, host)
	f := finding.Finding{
		Check: c.Doc().Name, Reason: policy.Reason(), GPU: finding.Node, Severity: finding.Note, Action: policy.Action,
		Evidence: evidence(event), Count: event.Count,
	}
	if policy.Scope != xid.Node {
		f = of(f, device)
	}
	switch {
	case policy.Ignored:
		return nil
	case event.Kind == observe.EventXid && event.Code == xid.RecoveryChanged:
		return c.verdict(event, f, device, located)
	case !policy.Impairs() && !policy.Disputed(), !c.enough(policy, event, name(device)):
		return []finding.Finding{f}
	case policy.Disputed() && located:
		c.disputed = append(c.disputed[max(0, len(c.disputed)-mostCounters):], dispute{name(device), event.At, impair(f, policy)})
		return []finding.Finding{f}
	default:
		return []finding.Finding{impair(f, policy)}
	}
}

// impair makes a note what the policy asks for.
func impair(f finding.Finding, policy xid.Policy) finding.Finding {
	if policy.Impairs() {
		f.Severity, f.Sticky = finding.Impaired, true
	}
	return f
}

// verdict takes the driver's verdict from the text for a library too old to ask.
func (c *Xid) verdict(event observe.Event, f finding.Finding, device observe.Device, located bool) []finding.Finding {
	asked, told := xid.ParseVerdict(event.Detail)
	if !told || located && device.RecoveryAction != nil {
		return []finding.Finding{f}
	}
	reason, ok := recoveryReasons[asked]
	if !ok {
		return []finding.Finding{f}
	}
	verdict := on((*Recovery)(nil).Doc().reason(reason), device, "%s", evidence(event))
	verdict.Sticky = verdict.Severity == finding.Impaired
	return []finding.Finding{f, verdict}
}

// enough counts an event and says whether the policy's count is reached.
func (c *Xid) enough(policy xid.Policy, event observe.Event, device string) bool {
	if policy.Count <= 1 {
		return true
	}
	if c.counted == nil {
		c.counted = map[counter][]time.Time{}
	}
	key := counter{device, event.Source, policy.Code, policy.Switch}
	times := c.counted[key]
	for range min(max(event.Count, 1), policy.Count) {
		times = append(times, event.At)
	}
	times = slices.DeleteFunc(times, func(at time.Time) bool { return event.At.Sub(at) > policy.Window })
	c.counted[key] = times[max(0, len(times)-policy.Count):]
	if len(c.counted) > mostCounters {
		c.forgetOldest()
	}
	return len(c.counted[key]) >= policy.Count
}

func (c *Xid) forgetOldest() {
	var oldest counter
	var since time.Time
	for key, times := range c.counted {
		if last := times[len(times)-1]; since.IsZero() || last.Before(since) {
			oldest, since = key, last
		}
	}
	delete(c.counted, oldest)
}

// Look settles what was disputed: a driver with a verdict speaks for itself in
// the check recovery, and one without leaves it to the table.
func (c *Xid) Look(host observe.Host) (found []finding.Finding) {
	c.disputed = slices.DeleteFunc(c.disputed, func(d dispute) bool {
		at := slices.IndexFunc(host.Devices, func(device observe.Device) bool { return name(device) == d.device })
		seen := host.DevicesErr == nil && at >= 0 && host.At.After(d.at)
		switch {
		case seen && host.Devices[at].RecoveryAction != nil:
			return true
		case seen || host.At.Sub(d.at) > verdictWait:
			if d.found.Severity == finding.Impaired {
				found = append(found, d.found)
			}
			return true
		default:
			return false
		}
	})
	return found
}
