//go:build cgo && linux

package nvml_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/nvml"
	"tandem/gpuagent/internal/observe"
	"tandem/test/fakenvml"
)

// open loads the fake library with a script.
func open(t *testing.T, lines ...string) (*nvml.Library, fakenvml.Script) {
	t.Helper()
	path, script := fakenvml.New(t, lines...)
	library := nvml.Host(nvml.Options{Path: path, Limit: 100 * time.Millisecond, Retry: 5 * time.Millisecond, Listen: 50 * time.Millisecond})
	t.Cleanup(library.Close)
	return library, script
}

func devices(t *testing.T, library *nvml.Library) []observe.Device {
	t.Helper()
	found, err := library.Devices(t.Context())
	require.NoError(t, err)
	return found
}

func pointer[T any](value T) *T { return &value }

func TestEachReadingComesInItsUnit(t *testing.T) {
	library, _ := open(t, "driver 570.86.15", "count 2",
		"gpu * temperature 41", "gpu * memory_temperature 52", "gpu * power 33500", "gpu * power_limit 150000", "gpu * energy 2500",
		"gpu * utilisation 97", "gpu * memory_utilisation 12", "gpu * sm_clock 1410", "gpu * memory_clock 1215",
		"gpu * memory_total 4096", "gpu * memory_used 1024", "gpu * memory_reserved 512",
		"gpu * ecc_volatile_corrected 1", "gpu * ecc_volatile 2", "gpu * ecc_aggregate_corrected 3", "gpu * ecc_aggregate 4",
		"gpu * remapped_correctable 5", "gpu * remapped_uncorrectable 6", "gpu * remapped_pending 1", "gpu * remapped_failed 1",
		"gpu * retired_single 7", "gpu * retired_double 8", "gpu * retired_pending 1",
		"gpu * throttle 0x8", "gpu * pcie_generation 3", "gpu * pcie_width 8", "gpu * pcie_replays 9", "gpu * recovery_action 2",
		"gpu * nvlinks 2", "gpu * nvlinks_active 1", "gpu * nvlink_replay 10", "gpu * nvlink_recovery 11", "gpu * nvlink_crc 12",
		"gpu * fabric_state 3", "gpu * fabric_status 15", "gpu * fabric_health 0x21",
		"gpu 1 process 4711", "gpu 1 process 4712", "gpu 1 name NVIDIA L4", "gpu 1 uuid GPU-b", "gpu 1 pci 00000000:00:1E.0")
	errors := map[string]uint64{"replay": 10, "recovery": 11, "crc": 12}
	require.Equal(t, observe.Device{
		Index: 1, UUID: "GPU-b", Name: "NVIDIA L4", PCI: "00000000:00:1E.0",
		Temperature: pointer(41.0), MemoryTemperature: pointer(52.0), Power: pointer(33.5), PowerLimit: pointer(150.0), Energy: pointer(2.5),
		Utilisation: pointer(97.0), MemoryUtilisation: pointer(12.0), SMClock: pointer(1410.0), MemoryClock: pointer(1215.0),
		MemoryUsed: pointer(uint64(1024)), MemoryFree: pointer(uint64(2560)), MemoryReserved: pointer(uint64(512)),
		ECCVolatileCorrected: pointer(uint64(1)), ECCVolatile: pointer(uint64(2)),
		ECCAggregateCorrected: pointer(uint64(3)), ECCAggregate: pointer(uint64(4)),
		RemappedRows:    &observe.RemappedRows{Correctable: 5, Uncorrectable: 6, Pending: true, Failed: true},
		RetiredPages:    &observe.RetiredPages{SingleBit: 7, DoubleBit: 8, Pending: true},
		ThrottleReasons: pointer(uint64(observe.ThrottleHWSlowdown)),
		PCIe:            &observe.PCIeLink{Generation: 3, MaxGeneration: 4, Width: 8, MaxWidth: 16},
		PCIeReplays:     pointer(uint64(9)), RecoveryAction: pointer(observe.RecoverNodeReboot),
		NVLinks:   []observe.NVLink{{Index: 0, Active: true, Errors: errors}, {Index: 1, Errors: errors}},
		Fabric:    &observe.Fabric{State: "completed", Err: "GPU is lost", Unhealthy: []string{"bandwidth_degraded"}},
		Processes: []int{4711, 4712},
	}, devices(t, library)[1])
	require.Equal(t, "570.86.15", library.DriverVersion())
	require.Equal(t, "GPU-b", library.UUID("PCI:0000:00:1e"))
}

func TestWhatADeviceDoesNotOfferIsNotZero(t *testing.T) {
	all := []string{"temperature", "power", "power_limit", "energy", "utilisation", "memory_utilisation", "sm_clock", "memory_clock", "memory_total",
		"ecc_volatile", "ecc_volatile_corrected", "ecc_aggregate", "ecc_aggregate_corrected", "remapped_correctable", "throttle", "pcie_generation", "pcie_replays", "processes"}
	lines := []string{"gpu 0 uuid GPU-a"}
	for _, reading := range all {
		lines = append(lines, "gpu 0 "+reading+" !3")
	}
	library, _ := open(t, lines...)
	require.Equal(t, []observe.Device{{UUID: "GPU-a", Name: "NVIDIA A10G", PCI: "00000000:00:10.0"}}, devices(t, library))
}

func TestWhatCannotBeTrueIsNoReading(t *testing.T) {
	for name, script := range map[string][]string{
		"all bits set": {"temperature 4294967295", "memory_temperature 4294967295", "power 4294967295", "power_limit 4294967295",
			"energy 18446744073709551615", "utilisation 4294967295", "memory_utilisation 4294967295", "sm_clock 4294967295", "memory_clock 4294967295",
			"memory_used 18446744073709551615", "ecc_volatile 18446744073709551615", "ecc_volatile_corrected 4294967295",
			"ecc_aggregate 18446744073709551615", "ecc_aggregate_corrected 18446744073709551615", "remapped_correctable 4294967295",
			"throttle 18446744073709551615", "pcie_generation 4294967295", "pcie_replays 4294967295"},
		"memory's contents": {"temperature 4000000000", "memory_temperature 0", "power 3735928559", "power_limit 3735928559",
			"energy 18000000000000000000", "utilisation 101", "memory_utilisation 200", "sm_clock 3735928559", "memory_clock 3735928559",
			"memory_total 16045690984503098046", "ecc_volatile 16045690984503098046", "ecc_volatile_corrected 16045690984503098046",
			"ecc_aggregate 16045690984503098046", "ecc_aggregate_corrected 16045690984503098046", "remapped_correctable !3",
			"throttle 4294967295", "pcie_width 0", "pcie_replays !999"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := []string{"gpu 0 uuid GPU-a"}
			for _, reading := range script {
				lines = append(lines, "gpu 0 "+reading)
			}
			library, _ := open(t, lines...)
			require.Equal(t, []observe.Device{{UUID: "GPU-a", Name: "NVIDIA A10G", PCI: "00000000:00:10.0"}}, devices(t, library))
		})
	}
}

func TestAnUnknownVerdictOfTheDriverIsNotTakenForAnother(t *testing.T) {
	library, script := open(t, "gpu 0 recovery_action 7")
	require.Equal(t, observe.RecoverUnknown, *devices(t, library)[0].RecoveryAction)
	require.NoError(t, script.Write("gpu 0 recovery_action 4"))
	require.Equal(t, observe.RecoverDrainAndReset, *devices(t, library)[0].RecoveryAction)
	require.NoError(t, script.Write("gpu 0 recovery_action !3"))
	require.Nil(t, devices(t, library)[0].RecoveryAction)
}

func TestALostDeviceKeepsItsNameBesideTheHealthyOnes(t *testing.T) {
	library, script := open(t, "count 2", "gpu 1 uuid GPU-b")
	require.False(t, devices(t, library)[1].Lost)
	require.NoError(t, script.Write("count 2", "gpu 1 lost 1"))
	found := devices(t, library)
	require.NotNil(t, found[0].Temperature)
	require.Equal(t, observe.Device{Index: 1, UUID: "GPU-b", Name: "NVIDIA A10G", PCI: "00000000:00:11.0", Lost: true}, found[1])
	require.Equal(t, "GPU-b", library.UUID("0000:00:11.0"))

	require.NoError(t, script.Write("count 2", "gpu 1 uuid GPU-b"))
	require.False(t, devices(t, library)[1].Lost, "a reset brought it back")
}

func TestADeviceThatIsLostFromTheStartHasNoName(t *testing.T) {
	library, _ := open(t, "count 2", "gpu 1 lost 1")
	require.Equal(t, observe.Device{Index: 1, Lost: true}, devices(t, library)[1])
}

func TestADeviceThatAnswersNothingSaysWhy(t *testing.T) {
	lines := []string{"count 2"}
	for _, reading := range []string{"temperature", "power", "power_limit", "utilisation", "memory_utilisation", "memory_total", "sm_clock", "memory_clock",
		"throttle", "fields", "pcie_generation", "processes"} {
		lines = append(lines, "gpu 1 "+reading+" !999")
	}
	library, script := open(t, lines...)
	found := devices(t, library)
	require.NoError(t, found[0].Err)
	require.ErrorContains(t, found[1].Err, "reading GPU 1: Unknown Error")

	require.NoError(t, script.Write("count 2", "gpu 1 temperature !16"))
	require.ErrorContains(t, devices(t, library)[1].Err, "GPU requires reset", "which is worth saying of a device that answers otherwise")
}

func TestADriverThatCannotBeAskedIsToldApart(t *testing.T) {
	library, script := open(t, "init 18")
	_, err := library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrMismatch)

	require.NoError(t, script.Write("init 9"))
	_, err = library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrNoDriver)

	require.NoError(t, script.Write("init 999"))
	_, err = library.Devices(t.Context())
	require.ErrorContains(t, err, "loading libnvidia-ml.so.1: Unknown Error")
	require.NotErrorIs(t, err, observe.ErrNoDriver)

	require.NoError(t, script.Write("count 0"))
	require.Empty(t, devices(t, library), "a driver without a device answers")

	require.NoError(t, script.Write("count 3"))
	require.Len(t, devices(t, library), 3, "devices that came later are found")

	require.NoError(t, script.Write("init 18"))
	_, err = library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrMismatch, "a driver that was exchanged under the agent")
}

func TestAMissingLibraryIsNoDriver(t *testing.T) {
	library := nvml.Host(nvml.Options{Path: "/nowhere/libnvidia-ml.so.1"})
	_, err := library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrNoDriver)
	require.Empty(t, library.DriverVersion())
}

func TestADriverThatHangsIsToldAndDoesNotHoldTheAgent(t *testing.T) {
	library, script := open(t, "count 2")
	devices(t, library)
	require.NoError(t, script.Write("count 2", "hang power 60000"))
	_, err := library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrHung)
	require.ErrorContains(t, err, "reading GPU 0")

	began := time.Now()
	_, err = library.Devices(t.Context())
	require.ErrorIs(t, err, observe.ErrHung)
	require.Less(t, time.Since(began), 50*time.Millisecond, "the call that hangs is not waited for twice")

	require.NoError(t, script.Write("count 2"))
	require.Eventually(t, func() bool { _, err := library.Devices(t.Context()); return err == nil }, 5*time.Second, 5*time.Millisecond)
}

// A call of a function that an older driver lacks would end the process, so this
// runs in one of its own.
func TestAnOlderDriverIsReadWithoutWhatItLacks(t *testing.T) {
	const child = "NVML_TEST_OLD_DRIVER"
	if os.Getenv(child) == "" {
		_, script := fakenvml.New(t)
		old, err := fakenvml.Build(t.Context(), "-DOLD_DRIVER")
		require.NoError(t, err)
		command := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		command.Env = append(os.Environ(), child+"="+old, fakenvml.Variable+"="+script.Path)
		output, err := command.CombinedOutput()
		require.NoError(t, err, string(output))
		return
	}
	library := nvml.Host(nvml.Options{Path: os.Getenv(child)})
	found := devices(t, library)[0]
	require.NotNil(t, found.MemoryUsed)
	require.Nil(t, found.MemoryReserved)
	require.Nil(t, found.Fabric)
	require.NotNil(t, found.ThrottleReasons)
}
