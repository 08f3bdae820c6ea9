package gpu_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/gpu"
	"tandem/test/gpu/fault"
)

// faulting is set in the process that is thrown away.
const faulting = "TANDEM_TEST_GPU_FAULT"

// exitNoCUDA is how that process ends where no CUDA driver is installed.
const exitNoCUDA = 3

func TestMain(m *testing.M) {
	if os.Getenv(faulting) != "" {
		err := fault.Provoke(0)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		switch {
		case errors.Is(err, fault.ErrNoCUDA):
			os.Exit(exitNoCUDA)
		case err != nil:
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// start skips where there is no driver, and returns an agent that has looked.
func start(t *testing.T) (*gpu.SMI, *gpu.Agent) {
	t.Helper()
	smi, err := gpu.FindSMI(t.Context())
	if err != nil {
		t.Skip("make test-gpu needs a machine with an NVIDIA driver: ", err)
	}
	agent, err := gpu.StartAgent(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = agent.Stop() })
	require.Eventually(t, func() bool { _, err := agent.Get(t.Context(), "/readyz"); return err == nil }, time.Minute, 100*time.Millisecond)
	return smi, agent
}

// reading is one metric and what nvidia-smi calls it. Two readings of a thing that
// moves are taken at different moments: they may differ by so much, or by so large
// a part of the value.
type reading struct {
	metric, of, field string
	by, part          float64
}

var readings = []reading{
	{"DCGM_FI_DEV_GPU_TEMP", "gpu", "temperature.gpu", 3, 0},
	{"DCGM_FI_DEV_MEMORY_TEMP", "gpu", "temperature.memory", 3, 0},
	{"DCGM_FI_DEV_POWER_USAGE", "gpu", "power.draw", 20, 0.25},
	{"DCGM_FI_DEV_POWER_MGMT_LIMIT", "gpu", "enforced.power.limit", 1, 0},
	{"DCGM_FI_DEV_GPU_UTIL", "gpu", "utilization.gpu", 30, 0},
	{"DCGM_FI_DEV_MEM_COPY_UTIL", "gpu", "utilization.memory", 30, 0},
	{"DCGM_FI_DEV_SM_CLOCK", "gpu", "clocks.current.sm", 100, 0.2},
	{"DCGM_FI_DEV_MEM_CLOCK", "gpu", "clocks.current.memory", 100, 0.2},
	{"DCGM_FI_DEV_FB_USED", "gpu", "memory.used", 64, 0.05},
	{"DCGM_FI_DEV_FB_FREE", "gpu", "memory.free", 64, 0.05},
	{"DCGM_FI_DEV_FB_RESERVED", "gpu", "memory.reserved", 16, 0.05},
	{"DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "gpu", "ecc.errors.corrected.volatile.total", 0, 0},
	{"DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "gpu", "ecc.errors.uncorrected.volatile.total", 0, 0},
	{"DCGM_FI_DEV_ECC_SBE_AGG_TOTAL", "gpu", "ecc.errors.corrected.aggregate.total", 0, 0},
	{"DCGM_FI_DEV_ECC_DBE_AGG_TOTAL", "gpu", "ecc.errors.uncorrected.aggregate.total", 0, 0},
	{"DCGM_FI_DEV_RETIRED_SBE", "gpu", "retired_pages.single_bit_ecc.count", 0, 0},
	{"DCGM_FI_DEV_RETIRED_DBE", "gpu", "retired_pages.double_bit.count", 0, 0},
	{"DCGM_FI_DEV_RETIRED_PENDING", "gpu", "retired_pages.pending", 0, 0},
	{"DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", "remapped-rows", "remapped_rows.correctable", 0, 0},
	{"DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "remapped-rows", "remapped_rows.uncorrectable", 0, 0},
	{"DCGM_FI_DEV_ROW_REMAP_PENDING", "remapped-rows", "remapped_rows.pending", 0, 0},
	{"DCGM_FI_DEV_ROW_REMAP_FAILURE", "remapped-rows", "remapped_rows.failure", 0, 0},
	{"DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", "gpu", "clocks_throttle_reasons.active", 0, 0},
	{"DCGM_FI_DEV_PCIE_LINK_GEN", "gpu", "pcie.link.gen.current", 0, 0},
	{"DCGM_FI_DEV_PCIE_MAX_LINK_GEN", "gpu", "pcie.link.gen.max", 0, 0},
	{"DCGM_FI_DEV_PCIE_LINK_WIDTH", "gpu", "pcie.link.width.current", 0, 0},
	{"DCGM_FI_DEV_PCIE_MAX_LINK_WIDTH", "gpu", "pcie.link.width.max", 0, 0},
}

// tries: a clock or a link may change between the agent's look and nvidia-smi's.
const tries = 5

func TestEachReadingAgreesWithNvidiaSMI(t *testing.T) {
	smi, agent := start(t)
	uuids, err := smi.Query(t.Context(), "gpu", "uuid")
	require.NoError(t, err)
	compared := 0
	for _, reading := range readings {
		t.Run(reading.metric, func(t *testing.T) {
			var last error
			for range tries {
				if last = compare(t, smi, agent, uuids, reading); last == nil {
					compared++
					return
				}
				time.Sleep(1500 * time.Millisecond)
			}
			if strings.Contains(last.Error(), "is not a valid field") {
				t.Skip("this nvidia-smi does not know the field: ", last)
			}
			t.Error(last)
		})
	}
	require.Positive(t, compared)
	t.Logf("%d of %d readings were compared on %d GPUs", compared, len(readings), len(uuids))
}

// compare one reading on all devices.
func compare(t *testing.T, smi *gpu.SMI, agent *gpu.Agent, uuids []string, r reading) error {
	t.Helper()
	theirs, err := smi.Query(t.Context(), r.of, r.field)
	if err != nil {
		return err
	}
	samples, err := agent.Metrics(t.Context())
	require.NoError(t, err)
	for i, uuid := range uuids {
		if i >= len(theirs) {
			return fmt.Errorf("nvidia-smi lists %d devices by %s and %d by uuid", len(theirs), r.field, len(uuids))
		}
		ours, found := value(samples, r.metric, uuid)
		switch {
		case theirs[i] == "" && !found:
			continue
		case theirs[i] == "" || !found:
			return fmt.Errorf("%s of %s: the agent has a value: %t; nvidia-smi's %s is %q", r.metric, uuid, found, r.field, theirs[i])
		}
		want, err := gpu.Number(theirs[i])
		if err != nil {
			return err
		}
		if difference := math.Abs(ours - want); difference > max(r.by, r.part*math.Abs(want)) {
			return fmt.Errorf("%s of %s: the agent reads %g, nvidia-smi's %s is %g", r.metric, uuid, ours, r.field, want)
		}
	}
	return nil
}

func value(samples []gpu.Sample, name, uuid string) (float64, bool) {
	for _, sample := range samples {
		if sample.Name == name && sample.Labels["UUID"] == uuid {
			return sample.Value, true
		}
	}
	return 0, false
}

func TestNamesAgreeWithNvidiaSMI(t *testing.T) {
	smi, agent := start(t)
	samples, err := agent.Metrics(t.Context())
	require.NoError(t, err)
	for label, field := range map[string]string{"UUID": "uuid", "modelName": "name", "pci_bus_id": "pci.bus_id", "DCGM_FI_DRIVER_VERSION": "driver_version", "gpu": "index"} {
		theirs, err := smi.Query(t.Context(), "gpu", field)
		require.NoError(t, err)
		var ours []string
		for _, sample := range samples {
			if sample.Name == "DCGM_FI_DEV_XID_ERRORS" {
				ours = append(ours, strings.ToLower(sample.Labels[label]))
			}
		}
		for i := range theirs {
			theirs[i] = strings.ToLower(theirs[i])
		}
		require.ElementsMatch(t, theirs, ours, field)
	}
}

// judgement is what the agent shows of its own.
type judgement struct {
	State  string            `json:"state"`
	Reason string            `json:"reason"`
	Unread map[string]string `json:"unread"`
	Acting struct {
		Phase string `json:"phase"`
		Would string `json:"would"`
	} `json:"acting"`
}

func health(t *testing.T, agent *gpu.Agent) judgement {
	t.Helper()
	page, err := agent.Get(t.Context(), "/v1/health")
	require.NoError(t, err)
	var shown judgement
	require.NoError(t, json.Unmarshal([]byte(page), &shown))
	return shown
}
