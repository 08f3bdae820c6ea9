package health_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

var start = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// teller is a check that finds what it is told.
type teller struct {
	looks, events []finding.Finding
}

func (*teller) Doc() checks.Doc                                       { return checks.Doc{Name: "teller"} }
func (c *teller) Look(observe.Host) []finding.Finding                 { return c.looks }
func (c *teller) Event(observe.Event, observe.Host) []finding.Finding { return c.events }

func impaired(reason string, gpu int, change func(*finding.Finding)) finding.Finding {
	f := finding.Finding{Check: "teller", Reason: reason, GPU: gpu, Severity: finding.Impaired, Action: finding.ResetGPU}
	if gpu >= 0 {
		f.UUID = fmt.Sprint("GPU-", gpu)
	}
	if change != nil {
		change(&f)
	}
	return f
}

// bench is a judge of two devices with a clock.
type bench struct {
	*health.Judge
	teller *teller
	at     time.Time
	host   observe.Host
}

func newBench(restored ...health.Standing) *bench {
	b := &bench{teller: &teller{}, at: start}
	b.Judge = health.New(health.Options{Checks: []checks.Check{b.teller}, Started: start, Restored: restored})
	b.host.Devices = []observe.Device{{Index: 0, UUID: "GPU-0"}, {Index: 1, UUID: "GPU-1"}}
	return b
}

// look finds what it is given, this long after the last look.
func (b *bench) look(after time.Duration, found ...finding.Finding) health.Judgement {
	b.at, b.teller.looks = b.at.Add(after), found
	b.host.At = b.at
	b.Look(b.host)
	return b.Judgement(b.at)
}

func (b *bench) event(after time.Duration, found ...finding.Finding) health.Judgement {
	b.at, b.teller.events = b.at.Add(after), found
	b.Event(observe.Event{At: b.at})
	return b.Judgement(b.at)
}

func TestAJudgeThatHasNotLookedSaysSo(t *testing.T) {
	verdict := newBench().Judgement(start)
	require.Equal(t, nodestatus.Initializing, verdict.State)
	require.Equal(t, "STARTING", verdict.Reason)
}

func TestAFindingCountsOnceItHasHeldAndGoesOnceItHasBeenAway(t *testing.T) {
	b := newBench()
	slow := impaired("SLOW", 1, func(f *finding.Finding) { f.Hold, f.Clear = 10*time.Second, 20*time.Second })
	require.Equal(t, nodestatus.OK, b.look(0, slow).State)
	require.Equal(t, nodestatus.OK, b.look(5*time.Second, slow).State)
	require.Equal(t, nodestatus.OK, b.look(time.Second).State)
	require.Equal(t, nodestatus.OK, b.look(5*time.Second, slow).State, "a pause begins it anew")
	verdict := b.look(10*time.Second, slow)
	require.Equal(t, nodestatus.Impaired, verdict.State)
	require.Equal(t, nodestatus.Impaired, verdict.GPUs[1].State)
	require.Equal(t, nodestatus.OK, verdict.GPUs[0].State)
	require.Equal(t, b.at, verdict.Since)

	require.Equal(t, nodestatus.Impaired, b.look(time.Second).State)
	require.Equal(t, nodestatus.Impaired, b.look(10*time.Second).State)
	require.Equal(t, nodestatus.Impaired, b.look(5*time.Second, slow).State, "it was back")
	require.Equal(t, nodestatus.Impaired, b.look(15*time.Second).State)
	require.Equal(t, nodestatus.Impaired, b.look(19*time.Second).State)
	require.Equal(t, nodestatus.OK, b.look(time.Second).State)
}

func TestWhatIsStickyStays(t *testing.T) {
	b := newBench()
	b.look(0)
	b.event(time.Second, impaired("XID_48", 0, func(f *finding.Finding) { f.Sticky = true }))
	require.Equal(t, nodestatus.Impaired, b.look(100*time.Hour).State)
	require.Len(t, b.Sticky(), 1)

	next := newBench(b.Sticky()...)
	require.Equal(t, nodestatus.Initializing, func() nodestatus.State { return newBench().Judgement(start).State }())
	require.Equal(t, nodestatus.Impaired, next.Judgement(start).State, "before the first look of the next agent, too")
	require.Equal(t, nodestatus.Impaired, next.look(time.Hour).State)
}

func TestWhatDoesNotStayIsNotRestored(t *testing.T) {
	standing := health.Standing{Finding: impaired("SLOW", 0, nil), Since: start}
	require.Equal(t, nodestatus.OK, newBench(standing).look(0).State)
}

func TestAStormIsOneFindingWithACount(t *testing.T) {
	b := newBench()
	b.look(0)
	for range 1000 {
		b.event(time.Millisecond, impaired("XID_79", 1, func(f *finding.Finding) {
			f.Sticky, f.Count, f.Evidence = true, 10, fmt.Sprint("at ", b.at)
		}))
	}
	verdict := b.Judgement(b.at)
	require.Len(t, verdict.Findings, 1)
	require.Equal(t, 10_000, verdict.Findings[0].Count)
	require.Equal(t, fmt.Sprint("at ", start), verdict.Evidence, "the first evidence is what happened")
	require.Equal(t, start.Add(time.Millisecond), verdict.Findings[0].Since)
	require.Equal(t, b.at, verdict.Findings[0].Last)
}

func TestOnlyANewFindingIsAChange(t *testing.T) {
	b := newBench()
	b.look(0)
	b.teller.events = []finding.Finding{impaired("XID_79", 1, nil)}
	require.True(t, b.Event(observe.Event{At: start}))
	require.False(t, b.Event(observe.Event{At: start}))
	b.teller.events = []finding.Finding{{Reason: "XID_31", Severity: finding.Note}}
	require.False(t, b.Event(observe.Event{At: start}))
}

func TestWhatCannotBeSeenIsNotGone(t *testing.T) {
	for name, blind := range map[string]func(*observe.Host){
		"the whole driver":       func(h *observe.Host) { h.DevicesErr = errors.New("unknown error") },
		"this device":            func(h *observe.Host) { h.Devices[1].Err = errors.New("unknown error") },
		"a device that was lost": func(h *observe.Host) { h.Devices[1].Lost = true },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.look(0, impaired("ECC", 1, nil))
			seeing := b.host.Devices
			b.host.Devices = append([]observe.Device(nil), seeing...)
			blind(&b.host)
			require.Equal(t, nodestatus.Impaired, b.look(time.Hour).State)
			b.host = observe.Host{Devices: seeing}
			require.Equal(t, nodestatus.OK, b.look(time.Second).State)
		})
	}
}

func TestTheGravestReasonComesFirst(t *testing.T) {
	b := newBench()
	verdict := b.look(0,
		finding.Finding{Reason: "UNKNOWN", GPU: finding.Node, Severity: finding.Unknown},
		impaired("RESET", 0, nil),
		impaired("REPLACE", 1, func(f *finding.Finding) { f.Action = finding.Replace }),
	)
	require.Equal(t, "REPLACE", verdict.Reason)
	require.Equal(t, finding.Replace, verdict.Action)
	require.Equal(t, finding.ResetGPU, verdict.GPUs[0].Action)
	status := health.Status(verdict, observe.Notices{}, start)
	require.Equal(t, []string{"REPLACE", "RESET"}, status.Reasons, "what is not known is no reason of a sick host")
	require.False(t, status.Whole)
}

func TestAnImpairmentOfTheHostConcernsAllDevices(t *testing.T) {
	b := newBench()
	verdict := b.look(0, impaired("SXID_22003", finding.Node, nil), impaired("XID_48", 0, nil))
	status := health.Status(verdict, observe.Notices{}, start)
	require.True(t, status.Whole)
	reasons, stop := status.ImpairedFor([]string{"GPU-1"})
	require.True(t, stop)
	require.Contains(t, reasons, "SXID_22003")
}

func TestADeviceKeepsItsFindingWhenItsIndexShifts(t *testing.T) {
	b := newBench()
	b.look(0)
	b.event(time.Second, impaired("XID_48", 1, func(f *finding.Finding) { f.Sticky = true }))
	b.host.Devices = []observe.Device{{Index: 0, UUID: "GPU-1"}}
	verdict := b.look(time.Second)
	require.Len(t, verdict.GPUs, 1)
	require.Equal(t, nodestatus.Impaired, verdict.GPUs[0].State)
	require.Equal(t, 0, verdict.Findings[0].GPU)

	b.host.Devices = nil
	verdict = b.look(time.Second)
	require.Len(t, verdict.GPUs, 1, "a device that is gone is told of while something is known of it")
	require.Equal(t, "GPU-1", verdict.GPUs[0].UUID)
}

func TestAResetThatTheDriverIsContentWithEndsWhatAskedForIt(t *testing.T) {
	b := newBench()
	verdict := func(of observe.RecoveryAction) { b.host.Devices[1].RecoveryAction = &of }
	b.look(0)
	b.event(time.Second,
		impaired("XID_48", 1, func(f *finding.Finding) { f.Sticky = true }),
		impaired("XID_64", 0, func(f *finding.Finding) { f.Sticky = true }))
	verdict(observe.RecoverNone)
	require.Len(t, b.look(time.Hour).Findings, 2, "a driver that never asked has not been reset")
	verdict(observe.RecoverGPUReset)
	b.look(time.Second)
	verdict(observe.RecoverNone)
	require.Len(t, b.look(time.Second).Findings, 2)
	left := b.look(time.Minute).Findings
	require.Len(t, left, 1)
	require.Equal(t, "XID_64", left[0].Reason, "the other device's stays")
}

func TestNotesAreFewAndPass(t *testing.T) {
	b := newBench()
	b.look(0)
	for i := range 200 {
		b.event(time.Second, finding.Finding{Reason: fmt.Sprint("XID_", i), GPU: 0, Severity: finding.Note, Count: 2})
	}
	notes := b.Judgement(b.at).Notes
	require.Len(t, notes, health.MaxNotes)
	require.Equal(t, "XID_199", notes[0].Reason)
	require.Equal(t, 2, notes[0].Count)
	require.Empty(t, b.Judgement(b.at.Add(2*time.Hour)).Notes)
}

func TestTheHostIsAsSickAsItsSickestPart(t *testing.T) {
	severities := []finding.Severity{finding.Note, finding.Unknown, finding.Impaired}
	rapid.Check(t, func(r *rapid.T) {
		b := newBench()
		for range rapid.IntRange(1, 20).Draw(r, "looks") {
			var found []finding.Finding
			for range rapid.IntRange(0, 5).Draw(r, "findings") {
				found = append(found, impaired(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(r, "reason"), rapid.IntRange(-1, 3).Draw(r, "gpu"), func(f *finding.Finding) {
					f.Severity = rapid.SampledFrom(severities).Draw(r, "severity")
					f.Action = rapid.SampledFrom(finding.Actions()).Draw(r, "action")
					f.Sticky = rapid.Bool().Draw(r, "sticky")
					f.Hold = time.Duration(rapid.IntRange(0, 3).Draw(r, "hold")) * time.Second
					f.Clear = time.Duration(rapid.IntRange(0, 3).Draw(r, "clear")) * time.Second
				}))
			}
			verdict := b.look(time.Duration(rapid.IntRange(0, 3).Draw(r, "pause"))*time.Second, found...)
			rank := map[nodestatus.State]int{nodestatus.OK: 0, nodestatus.InsufficientData: 1, nodestatus.Impaired: 2}
			worst, cure := 0, finding.None
			for _, standing := range verdict.Findings {
				require.NotEqual(t, finding.Note, standing.Severity)
				if standing.Severity == finding.Impaired {
					worst, cure = 2, finding.Worst(cure, standing.Action)
				} else {
					worst = max(worst, 1)
				}
			}
			require.Equal(t, worst, rank[verdict.State])
			require.Equal(t, cure, verdict.Action)
			require.Equal(t, verdict.State == nodestatus.OK, verdict.Reason == "")
			for _, gpu := range verdict.GPUs {
				require.LessOrEqual(t, rank[gpu.State], rank[verdict.State])
				require.Equal(t, gpu.State == nodestatus.OK, gpu.Reason == "")
			}
			require.False(t, verdict.Since.After(b.at))
		}
	})
}
