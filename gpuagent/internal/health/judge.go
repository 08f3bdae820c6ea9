package health

import (
	"fmt"
	"time"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
	"tandem/runtime/nodestatus"
)

// Options of a [Judge].
type Options struct {
	// Checks to ask. Required.
	Checks []checks.Check
	// Started is when the judge began to watch. Required.
	Started time.Time
	// Restored are sticky findings of an agent that ran before on the same boot.
	Restored []Standing
	// AtOnce counts what would have to be seen for a while, for a single look.
	AtOnce bool
}

// Judge remembers findings and derives the state of a host from them.
type Judge struct {
	checks  []checks.Check
	host    observe.Host
	looked  bool
	atOnce  bool
	stands  map[string]*stand
	notes   []Standing
	since   map[string]change
	cleared map[string]time.Time
}

// stand is a finding with what decides whether it counts.
type stand struct {
	Standing
	// fromEvent findings are not looked for, so that not seeing them says nothing.
	fromEvent bool
	// counts once it has held; gone is when it was first missed since.
	counts bool
	gone   time.Time
}

// change is a state and when it became so.
type change struct {
	state nodestatus.State
	at    time.Time
}

// mostStands that are kept. Sixteen GPUs with ten reasons each are fewer.
const mostStands = 256

// New makes a judge that knows nothing yet.
func New(options Options) *Judge {
	j := &Judge{
		checks: options.Checks, stands: map[string]*stand{}, since: map[string]change{}, cleared: map[string]time.Time{},
		host: observe.Host{At: options.Started}, atOnce: options.AtOnce,
	}
	for _, standing := range options.Restored {
		if len(j.stands) < mostStands && standing.Sticky && standing.Severity == finding.Impaired {
			j.stands[key(standing.Finding)] = &stand{Standing: standing, fromEvent: true, counts: true}
		}
	}
	return j
}

// Look takes a host as it was polled.
func (j *Judge) Look(host observe.Host) {
	known := j.host.Devices
	j.host, j.looked = host, true
	if host.DevicesErr != nil {
		// Which devices there are is not forgotten with what they read.
		j.host.Devices = known
	}
	seen := map[string]bool{}
	for _, check := range j.checks {
		for _, f := range check.Look(host) {
			if f.Severity == finding.Note {
				j.note(f, host.At, false)
				continue
			}
			seen[key(f)] = true
			j.see(f, host.At, false)
		}
	}
	for name, s := range j.stands {
		if !seen[name] && j.miss(s, host.At) {
			delete(j.stands, name)
		}
	}
	j.reset(host)
}

// Event takes what happened. It says whether that changed anything but a count.
func (j *Judge) Event(event observe.Event) bool {
	changed := false
	for _, check := range j.checks {
		for _, f := range check.Event(event, j.host) {
			if f.Severity == finding.Note {
				j.note(f, event.At, true)
			} else if j.see(f, event.At, true) {
				changed = true
			}
		}
	}
	return changed
}

// see takes a finding, and says whether it is new.
func (j *Judge) see(f finding.Finding, at time.Time, fromEvent bool) bool {
	name := key(f)
	s := j.stands[name]
	fresh := s == nil
	if fresh {
		if len(j.stands) >= mostStands {
			return false
		}
		s = &stand{Standing: Standing{Finding: f, Since: at}, fromEvent: fromEvent}
		j.stands[name] = s
	}
	s.Count += max(f.Count, 1)
	if !fromEvent {
		s.Count = 1
	}
	// Of a storm the first evidence holds: it is what happened, the rest follows.
	if evidence := s.Evidence; fromEvent && evidence != "" {
		f.Evidence = evidence
	}
	s.Finding, s.Last, s.gone = f, at, time.Time{}
	s.counts = s.counts || j.atOnce || at.Sub(s.Since) >= f.Hold
	return fresh
}

// miss takes a finding that a look did not repeat, and says whether it is gone.
func (j *Judge) miss(s *stand, at time.Time) bool {
	switch {
	case s.Sticky && s.counts, s.fromEvent && s.Clear == 0:
		return false
	case s.fromEvent:
		return at.Sub(s.Last) >= s.Clear
	case j.blind(s.Finding):
		// Too little is known to say that it is gone.
		s.gone = time.Time{}
		return false
	case !s.counts:
		return true
	}
	if s.gone.IsZero() {
		s.gone = at
	}
	return at.Sub(s.gone) >= s.Clear
}

// blind says whether this look could not have shown the finding.
func (j *Judge) blind(f finding.Finding) bool {
	if f.Severity == finding.Unknown || f.Check == (*checks.Driver)(nil).Doc().Name {
		return false
	}
	if j.host.DevicesErr != nil {
		return true
	}
	device, found := j.device(f)
	return found && (device.Err != nil || device.Lost)
}

// reset drops what a reset has cured: the driver asked for something and has
// asked for nothing for a minute now.
func (j *Judge) reset(host observe.Host) {
	const settled = time.Minute
	if host.DevicesErr != nil {
		return
	}
	for _, device := range host.Devices {
		name := fmt.Sprint(device.Index, device.UUID)
		since, asked := j.cleared[name]
		switch {
		case device.RecoveryAction == nil:
		case *device.RecoveryAction != observe.RecoverNone:
			j.cleared[name] = time.Time{}
		case asked && since.IsZero():
			j.cleared[name] = host.At
		case asked && host.At.Sub(since) >= settled:
			delete(j.cleared, name)
			for name, s := range j.stands {
				if s.Sticky && s.Action == finding.ResetGPU && s.UUID == device.UUID && s.GPU != finding.Node {
					delete(j.stands, name)
				}
			}
		}
	}
}

// note keeps what changes no state, one entry a reason and device.
func (j *Judge) note(f finding.Finding, at time.Time, fromEvent bool) {
	for i := range j.notes {
		if key(j.notes[i].Finding) == key(f) {
			if fromEvent {
				j.notes[i].Count += max(f.Count, 1)
			}
			j.notes[i].Last, j.notes[i].Finding = at, f
			return
		}
	}
	if len(j.notes) >= MaxNotes {
		oldest := 0
		for i := range j.notes {
			if j.notes[i].Last.Before(j.notes[oldest].Last) {
				oldest = i
			}
		}
		j.notes = append(j.notes[:oldest], j.notes[oldest+1:]...)
	}
	j.notes = append(j.notes, Standing{Finding: f, Since: at, Last: at, Count: max(f.Count, 1)})
}

// device that a finding is about, by the name that stays.
func (j *Judge) device(f finding.Finding) (observe.Device, bool) {
	for _, device := range j.host.Devices {
		named := f.UUID != "" && device.UUID == f.UUID
		placed := f.PCI != "" && pci.Address(device.PCI) == pci.Address(f.PCI)
		indexed := f.UUID == "" && f.GPU != finding.Node && device.Index == f.GPU
		if named || placed || indexed {
			return device, true
		}
	}
	return observe.Device{}, false
}

// key by which findings are equal: indexes shift when a device leaves, names do not.
func key(f finding.Finding) string {
	switch {
	case f.GPU == finding.Node && f.UUID == "":
		return f.Reason + f.PCI
	case f.UUID != "":
		return f.Reason + "|" + f.UUID
	default:
		return fmt.Sprint(f.Reason, "|", f.GPU)
	}
}
