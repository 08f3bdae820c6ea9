package checks_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
)

var start = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

func of[T any](value T) *T { return &value }

func all(t testing.TB) []checks.Check {
	t.Helper()
	table, err := xid.Load("")
	require.NoError(t, err)
	return checks.All(table)
}

// device is one that all is well with.
func device(change func(*observe.Device)) observe.Device {
	d := observe.Device{
		Index: 0, UUID: "GPU-a", PCI: "00000000:00:1E.0", Temperature: of(40.0), Utilisation: of(50.0), ThrottleReasons: of(uint64(0)),
		ECCVolatile: of(uint64(0)), ECCAggregate: of(uint64(0)), RemappedRows: &observe.RemappedRows{}, RecoveryAction: nil,
		PCIe:    &observe.PCIeLink{Generation: 4, MaxGeneration: 4, Width: 16, MaxWidth: 16},
		NVLinks: []observe.NVLink{{Active: true, Errors: map[string]uint64{"crc": 1}}}, Fabric: &observe.Fabric{State: "completed"},
		Processes: []int{1},
	}
	if change != nil {
		change(&d)
	}
	return d
}

// moment is what one story shows from its second look on.
type moment struct {
	before, device func(*observe.Device)
	host           func(*observe.Host)
	event          *observe.Event
}

// moments give each reason of the guide.
var moments = map[string]moment{
	"NO_GPU":                   {host: func(h *observe.Host) { h.Devices = nil }},
	"GPU_COUNT":                {host: func(h *observe.Host) { h.InstanceType, h.ExpectedDevices = "g5.12xlarge", 4 }},
	"GPU_LOST":                 {device: func(d *observe.Device) { d.Lost = true }},
	"GPU_INIT_FAILED":          {event: &observe.Event{Kind: observe.EventInitFailed, PCI: "0000:00:1e.0"}},
	"XID_…":                    {event: &observe.Event{Kind: observe.EventXid, Code: 79, UUID: "GPU-a"}},
	"SXID_…":                   {event: &observe.Event{Kind: observe.EventSXid, Code: 22003, Fatal: true}},
	"EVENT_STORM":              {event: &observe.Event{Kind: observe.EventStorm, Count: 500}},
	"RECOVERY_GPU_RESET":       {device: func(d *observe.Device) { d.RecoveryAction = of(observe.RecoverGPUReset) }},
	"RECOVERY_NODE_REBOOT":     {device: func(d *observe.Device) { d.RecoveryAction = of(observe.RecoverNodeReboot) }},
	"RECOVERY_DRAIN_P2P":       {device: func(d *observe.Device) { d.RecoveryAction = of(observe.RecoverDrainP2P) }},
	"RECOVERY_DRAIN_AND_RESET": {device: func(d *observe.Device) { d.RecoveryAction = of(observe.RecoverDrainAndReset) }},
	"RECOVERY_UNKNOWN":         {device: func(d *observe.Device) { d.RecoveryAction = of(observe.RecoverUnknown) }},
	"ECC_UNCORRECTED":          {device: func(d *observe.Device) { d.ECCVolatile = of(uint64(1)) }},
	"ECC_AGGREGATE":            {before: func(d *observe.Device) { d.ECCAggregate = of(uint64(20)) }, device: func(d *observe.Device) { d.ECCAggregate = of(uint64(20)) }},
	"ROW_REMAP_FAILED":         {device: func(d *observe.Device) { d.RemappedRows.Failed = true }},
	"ROW_REMAP_PENDING":        {device: func(d *observe.Device) { d.RemappedRows.Pending = true }},
	"PAGE_RETIREMENT_LIMIT":    {device: func(d *observe.Device) { d.RetiredPages = &observe.RetiredPages{DoubleBit: 60} }},
	"PAGE_RETIREMENT_PENDING":  {device: func(d *observe.Device) { d.RetiredPages = &observe.RetiredPages{Pending: true} }},
	"THERMAL_SLOWDOWN":         {device: func(d *observe.Device) { d.ThrottleReasons = of(uint64(observe.ThrottleHWThermal)) }},
	"HW_SLOWDOWN":              {device: func(d *observe.Device) { d.ThrottleReasons = of(uint64(observe.ThrottleHWSlowdown)) }},
	"POWER_BRAKE":              {device: func(d *observe.Device) { d.ThrottleReasons = of(uint64(observe.ThrottleHWPowerBrake)) }},
	"PCIE_LINK_DEGRADED":       {device: func(d *observe.Device) { d.PCIe.Width = 8 }},
	"PCIE_LINK_BELOW_MAXIMUM":  {before: func(d *observe.Device) { d.PCIe.Width = 8 }, device: func(d *observe.Device) { d.PCIe.Width = 8 }},
	"NVLINK_DOWN":              {device: func(d *observe.Device) { d.NVLinks[0].Active = false }},
	"NVLINK_ERRORS":            {before: func(d *observe.Device) { d.NVLinks[0].Errors["recovery_failed"] = 0 }, device: func(d *observe.Device) { d.NVLinks[0].Errors["recovery_failed"] = 1 }},
	"NVLINK_RETRIES":           {device: func(d *observe.Device) { d.NVLinks[0].Errors["crc"] = 5000 }},
	"FABRIC_FAILED":            {host: eight, device: func(d *observe.Device) { d.Fabric.Err = "unknown error" }},
	"FABRIC_NOT_READY":         {host: eight, device: func(d *observe.Device) { d.Fabric.State = "in_progress" }},
	"FABRIC_UNHEALTHY":         {host: eight, device: func(d *observe.Device) { d.Fabric.Unhealthy = []string{"bandwidth_degraded"} }},
	"DRIVER_MISSING":           {host: func(h *observe.Host) { h.DevicesErr = fmt.Errorf("x: %w", observe.ErrNoDriver) }},
	"DRIVER_MISMATCH":          {host: func(h *observe.Host) { h.DevicesErr = fmt.Errorf("x: %w", observe.ErrMismatch) }},
	"MONITOR_FAILED":           {host: func(h *observe.Host) { h.DevicesErr = errors.New("unknown error") }},
	"GPU_UNREADABLE":           {device: func(d *observe.Device) { d.Err = errors.New("unknown error") }},
	"DRIVER_SLOW":              {host: func(h *observe.Host) { h.DevicesErr = observe.ErrHung }},
	"DRIVER_HUNG":              {host: func(h *observe.Host) { h.DevicesErr = observe.ErrHung }},
	"CONTAINER_LOST_GPU":       {device: func(d *observe.Device) { d.Processes = nil }},
	checks.SpotInterruption:    {host: func(h *observe.Host) { h.Notices.Spot = &observe.SpotNotice{Action: "stop"} }},
	checks.Rebalance:           {host: func(h *observe.Host) { h.Notices.Rebalance = &start }},
}

// eight makes it a host of eight.
func eight(h *observe.Host) { h.ExpectedDevices = 8 }

func host(at time.Time, change func(*observe.Device)) observe.Host {
	return observe.Host{At: at, Devices: []observe.Device{device(change)}, Tasks: []observe.Task{{ARN: "task/1", Known: "RUNNING"}}}
}

func TestEachReasonOfTheGuideIsGivenAsTheGuideSays(t *testing.T) {
	for _, check := range all(t) {
		for _, reason := range check.Doc().Reasons {
			t.Run(reason.Name, func(t *testing.T) {
				story, told := moments[reason.Name]
				require.True(t, told, "a reason that nothing gives")
				found := give(t, check.Doc().Name, reason.Name, story)
				require.NotNil(t, found, "nothing gives it")
				require.Equal(t, check.Doc().Name, found.Check)
				require.Equal(t, reason.Severity, found.Severity)
				if reason.Action.Known() {
					require.Equal(t, reason.Action, found.Action)
				}
			})
		}
	}
}

// give plays a moment for a quarter of an hour, and returns the finding.
func give(t *testing.T, name, reason string, story moment) *finding.Finding {
	t.Helper()
	set := all(t)
	check := set[slices.IndexFunc(set, func(c checks.Check) bool { return c.Doc().Name == name })]
	first := host(start, story.before)
	check.Look(first)
	reason, _, _ = strings.Cut(reason, "…")
	pick := func(findings []finding.Finding) *finding.Finding {
		for _, each := range findings {
			if strings.HasPrefix(each.Reason, reason) {
				return &each
			}
		}
		return nil
	}
	if story.event != nil {
		event := *story.event
		event.At = start
		return pick(check.Event(event, first))
	}
	for at := start; at.Before(start.Add(15 * time.Minute)); at = at.Add(5 * time.Second) {
		next := host(at, story.device)
		if story.host != nil {
			story.host(&next)
		}
		if found := pick(check.Look(next)); found != nil {
			return found
		}
	}
	return nil
}

func TestAHostOfWhichAllIsWellGivesNoReason(t *testing.T) {
	for _, check := range all(t) {
		for at := start; at.Before(start.Add(30 * time.Minute)); at = at.Add(5 * time.Second) {
			require.Empty(t, check.Look(host(at, nil)), check.Doc().Name)
		}
	}
}

func TestAHostOfWhichNothingIsKnownGivesNoReason(t *testing.T) {
	for _, check := range all(t) {
		require.Empty(t, check.Look(observe.Host{At: start, Devices: []observe.Device{{}}}), check.Doc().Name)
		require.Empty(t, check.Event(observe.Event{}, observe.Host{}), check.Doc().Name)
	}
}

func TestNothingIsSaidOfDevicesThatCouldNotBeRead(t *testing.T) {
	readings := slices.DeleteFunc(all(t), func(c checks.Check) bool {
		return slices.Contains([]string{"driver", "driver_hung", "notices"}, c.Doc().Name)
	})
	for _, check := range readings {
		bad := host(start, func(d *observe.Device) {
			d.ECCVolatile, d.RemappedRows = of(uint64(9)), &observe.RemappedRows{Failed: true}
		})
		bad.DevicesErr = errors.New("unknown error")
		require.Empty(t, check.Look(bad), check.Doc().Name)
	}
}

func TestEachCheckSaysWhatItIsFor(t *testing.T) {
	names := map[string]bool{}
	for _, check := range all(t) {
		doc := check.Doc()
		require.False(t, names[doc.Name], "%s is there twice", doc.Name)
		names[doc.Name] = true
		for what, text := range map[string]string{"finds": doc.Finds, "when": doc.When, "why": doc.Why, "source": doc.Source} {
			require.NotEmpty(t, text, "%s: %s", doc.Name, what)
		}
		require.Contains(t, doc.Source, "2026-11-24", doc.Name)
		require.NotEmpty(t, doc.Reasons, doc.Name)
	}
	require.Len(t, slices.Collect(maps.Keys(names)), len(all(t)))
}

// A driver may say anything. What it says must neither break a check nor take a
// host for what is not known.
func TestNothingThatADriverSaysBreaksACheck(t *testing.T) {
	set := all(t)
	rapid.Check(t, func(r *rapid.T) {
		at := start.Add(time.Duration(rapid.IntRange(-1000, 1_000_000).Draw(r, "second")) * time.Second)
		number := rapid.Uint64()
		float := rapid.OneOf(rapid.Float64(), rapid.Just(math.NaN()), rapid.Just(math.Inf(-1)))
		whole := rapid.IntRange(-5, 1<<30)
		next := observe.Host{At: at, ExpectedDevices: rapid.IntRange(-1, 8).Draw(r, "expected")}
		for i := range rapid.IntRange(0, 3).Draw(r, "devices") {
			next.Devices = append(next.Devices, observe.Device{
				Index: i, UUID: rapid.SampledFrom([]string{"", "GPU-a", "\x00"}).Draw(r, "uuid"), PCI: rapid.String().Draw(r, "pci"),
				Lost: rapid.Bool().Draw(r, "lost"), Temperature: of(float.Draw(r, "temperature")), Utilisation: of(float.Draw(r, "use")),
				ThrottleReasons: of(number.Draw(r, "throttle")), ECCVolatile: of(number.Draw(r, "ecc")), ECCAggregate: of(number.Draw(r, "aggregate")),
				RetiredPages:   &observe.RetiredPages{SingleBit: whole.Draw(r, "pages")},
				PCIe:           &observe.PCIeLink{Generation: whole.Draw(r, "generation"), Width: whole.Draw(r, "width"), MaxWidth: whole.Draw(r, "most")},
				NVLinks:        []observe.NVLink{{Index: whole.Draw(r, "link"), Errors: map[string]uint64{"crc": number.Draw(r, "crc")}}},
				Fabric:         &observe.Fabric{State: rapid.String().Draw(r, "fabric")},
				RecoveryAction: of(observe.RecoveryAction(rapid.IntRange(-3, 99).Draw(r, "verdict"))),
			})
		}
		event := observe.Event{
			Kind: rapid.SampledFrom([]observe.EventKind{observe.EventXid, observe.EventSXid, observe.EventOffBus, observe.EventStorm, "new"}).Draw(r, "kind"),
			At:   at, Code: rapid.IntRange(-1, 70000).Draw(r, "code"), UUID: "GPU-a", PCI: rapid.String().Draw(r, "address"),
			Count: rapid.IntRange(-1, 1<<30).Draw(r, "count"), Detail: rapid.String().Draw(r, "detail"),
		}
		for _, check := range set {
			for _, found := range append(check.Look(next), check.Event(event, next)...) {
				require.NotEmpty(t, found.Reason)
				require.True(t, found.Action.Known())
				require.GreaterOrEqual(t, found.GPU, finding.Node)
			}
		}
	})
}
