package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
)

// BenchmarkALookAtEightGPUs is what judging a host costs each time that it is polled.
func BenchmarkALookAtEightGPUs(b *testing.B) {
	table, err := xid.Load("")
	require.NoError(b, err)
	judge := health.New(health.Options{Checks: checks.All(table), Started: start})
	host := observe.Host{At: start, ExpectedDevices: 8}
	zero, use := uint64(0), 50.0
	for i := range 8 {
		device := observe.Device{
			Index: i, UUID: fmt.Sprint("GPU-", i), PCI: fmt.Sprintf("00000000:%02X:00.0", i), Utilisation: &use, ThrottleReasons: &zero,
			ECCVolatile: &zero, ECCAggregate: &zero, RemappedRows: &observe.RemappedRows{}, Fabric: &observe.Fabric{State: "completed"},
			PCIe: &observe.PCIeLink{Generation: 5, MaxGeneration: 5, Width: 16, MaxWidth: 16},
		}
		for link := range 18 {
			device.NVLinks = append(device.NVLinks, observe.NVLink{Index: link, Active: true, Errors: map[string]uint64{"crc": 0, "replay": 0, "recovery": 0}})
		}
		host.Devices = append(host.Devices, device)
	}
	b.ReportAllocs()
	for b.Loop() {
		host.At = host.At.Add(5 * time.Second)
		judge.Look(host)
		health.Status(judge.Judgement(host.At), host.Notices, host.At)
	}
}
