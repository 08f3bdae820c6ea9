package metrics_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/metrics"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func pointer[T any](value T) *T { return &value }

// device has a value for each reading.
func device(index int, uuid string) observe.Device {
	return observe.Device{
		Index: index, UUID: uuid, Name: "NVIDIA L4", PCI: "00000000:00:1E.0",
		Temperature: pointer(41.0), MemoryTemperature: pointer(52.0), Power: pointer(33.5), PowerLimit: pointer(72.0), Energy: pointer(2.5),
		Utilisation: pointer(97.0), MemoryUtilisation: pointer(12.0), SMClock: pointer(1410.0), MemoryClock: pointer(6251.0),
		MemoryUsed: pointer(uint64(1 << 30)), MemoryFree: pointer(uint64(3 << 30)), MemoryReserved: pointer(uint64(1 << 28)),
		ECCVolatileCorrected: pointer(uint64(1)), ECCVolatile: pointer(uint64(2)), ECCAggregateCorrected: pointer(uint64(3)), ECCAggregate: pointer(uint64(4)),
		RemappedRows: &observe.RemappedRows{Correctable: 5, Uncorrectable: 6, Pending: true},
		RetiredPages: &observe.RetiredPages{SingleBit: 7, DoubleBit: 8},
		PCIe:         &observe.PCIeLink{Generation: 3, MaxGeneration: 4, Width: 8, MaxWidth: 16}, PCIeReplays: pointer(uint64(9)),
		ThrottleReasons: pointer(uint64(8)), RecoveryAction: pointer(observe.RecoverNodeReboot),
		NVLinks: []observe.NVLink{
			{Active: true, Errors: map[string]uint64{"replay": 10, "recovery": 11, "crc_flit": 12, "crc_data": 13}},
			{Index: 1, Errors: map[string]uint64{"replay": 1, "crc": 1}},
		},
	}
}

func snapshot(devices ...observe.Device) *agent.Snapshot {
	return &agent.Snapshot{
		Host:   observe.Host{At: now, Devices: devices, DriverVersion: "570.86.15", ExpectedDevices: 8, NoticesErr: errors.New("no answer")},
		Status: nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"XID_79", "XID_79"}, GPUs: []nodestatus.GPU{{UUID: "GPU-a", State: nodestatus.Impaired, Reason: "XID_79"}}},
		Acting: act.Report{Phase: act.Draining, Calls: map[string]uint64{"UpdateContainerInstancesState": 2}},
		Counters: agent.Counters{
			Started: now.Add(-time.Hour), Looks: 100, Xids: map[agent.XidKey]agent.XidCount{
				{UUID: "GPU-a", Code: 79}:                         {Count: 1, Last: now.Add(-time.Minute)},
				{UUID: "GPU-a", Code: 45}:                         {Count: 10_000, Last: now.Add(-2 * time.Minute)},
				{UUID: "GPU-b", Code: 31}:                         {Count: 3, Last: now.Add(-time.Hour)},
				{UUID: "0000:c3:00.0", Code: 24007, Switch: true}: {Count: 1, Last: now},
			},
		},
	}
}

func scrape(t testing.TB, shown *agent.Snapshot) string {
	t.Helper()
	handler := metrics.Handler(metrics.Options{
		Snapshot: func() *agent.Snapshot { return shown }, Hostname: "ip-10-0-0-1", Version: "1.2.3", Now: func() time.Time { return now },
		KernelLog: func() kmsg.Health { return kmsg.Health{Lines: 5, Overruns: 2, Err: "permission denied"} },
	})
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body)
	return recorder.Body.String()
}

// requireLine does not print the whole page when it fails.
func requireLine(t *testing.T, body, line string) {
	t.Helper()
	name, _, _ := strings.Cut(line, "{")
	require.Contains(t, regexp.MustCompile(`(?m)^`+name+`\b.*$`).FindAllString(body, -1), line)
}

func TestEachReadingHasDcgmExportersNameLabelsAndUnit(t *testing.T) {
	body := scrape(t, snapshot(device(0, "GPU-a")))
	names := `{gpu="0",UUID="GPU-a",pci_bus_id="00000000:00:1e.0",device="nvidia0",modelName="NVIDIA L4",Hostname="ip-10-0-0-1",DCGM_FI_DRIVER_VERSION="570.86.15"} `
	for name, value := range map[string]string{
		"DCGM_FI_DEV_SM_CLOCK": "1410", "DCGM_FI_DEV_MEM_CLOCK": "6251", "DCGM_FI_DEV_MEMORY_TEMP": "52", "DCGM_FI_DEV_GPU_TEMP": "41",
		"DCGM_FI_DEV_POWER_USAGE": "33.5", "DCGM_FI_DEV_POWER_MGMT_LIMIT": "72", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": "2500",
		"DCGM_FI_DEV_PCIE_REPLAY_COUNTER": "9", "DCGM_FI_DEV_GPU_UTIL": "97", "DCGM_FI_DEV_MEM_COPY_UTIL": "12", "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "0.97",
		"DCGM_FI_DEV_FB_USED": "1024", "DCGM_FI_DEV_FB_FREE": "3072", "DCGM_FI_DEV_FB_RESERVED": "256", "DCGM_FI_DEV_XID_ERRORS": "79",
		"DCGM_FI_DEV_ECC_SBE_VOL_TOTAL": "1", "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": "2", "DCGM_FI_DEV_ECC_SBE_AGG_TOTAL": "3", "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL": "4",
		"DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS": "5", "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": "6", "DCGM_FI_DEV_ROW_REMAP_FAILURE": "0",
		"DCGM_FI_DEV_ROW_REMAP_PENDING": "1", "DCGM_FI_DEV_RETIRED_SBE": "7", "DCGM_FI_DEV_RETIRED_DBE": "8", "DCGM_FI_DEV_RETIRED_PENDING": "0",
		"DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL": "11", "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL": "11",
		"DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL": "13", "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL": "13",
		"DCGM_FI_DEV_CLOCK_THROTTLE_REASONS": "8", "DCGM_FI_DEV_PCIE_LINK_GEN": "3", "DCGM_FI_DEV_PCIE_MAX_LINK_GEN": "4",
		"DCGM_FI_DEV_PCIE_LINK_WIDTH": "8", "DCGM_FI_DEV_PCIE_MAX_LINK_WIDTH": "16",
		"gpuagent_nvlinks_active": "1", "gpuagent_recovery_action": "2", "gpuagent_gpu_lost": "0",
	} {
		requireLine(t, body, name+names+value)
	}
}

func TestWhatADeviceDoesNotOfferIsLeftOut(t *testing.T) {
	body := scrape(t, snapshot(observe.Device{UUID: "GPU-a", Lost: true}))
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "DCGM_") {
			require.Contains(t, line, "DCGM_FI_DEV_XID_ERRORS")
		}
	}
	require.Regexp(t, `gpuagent_gpu_lost\{.*UUID="GPU-a".*\} 1`, body)
}

func TestErrorsAreCountedAndTheGaugeOfTheLastOneDoesNotStick(t *testing.T) {
	body := scrape(t, snapshot(device(0, "GPU-a"), device(1, "GPU-b")))
	for _, line := range []string{
		`xid_errors_total{uuid="GPU-a",xid="79"} 1`, `xid_errors_total{uuid="GPU-a",xid="45"} 10000`, `xid_errors_total{uuid="GPU-b",xid="31"} 3`,
		`xid_errors_last_timestamp_seconds{uuid="GPU-a",xid="79"} 1.79552154e+09`,
		`sxid_errors_total{switch="0000:c3:00.0",sxid="24007"} 1`,
	} {
		requireLine(t, body, line)
	}
	require.Regexp(t, `DCGM_FI_DEV_XID_ERRORS\{.*UUID="GPU-b".*\} 0\n`, body, "an hour ago")
}

func TestTheAgentShowsWhatItThinksAndHowItIs(t *testing.T) {
	body := scrape(t, snapshot(device(0, "GPU-a")))
	for _, line := range []string{
		`gpuagent_node_state{state="IMPAIRED"} 1`, `gpuagent_node_state{state="OK"} 0`, `gpuagent_node_reason{reason="XID_79"} 1`,
		`gpuagent_gpu_state{gpu="0",UUID="GPU-a",state="IMPAIRED",reason="XID_79"} 1`, `gpuagent_gpus 1`, `gpuagent_gpus_expected 8`,
		`gpuagent_phase{phase="draining"} 1`, `gpuagent_phase{phase="watching"} 0`, `gpuagent_spot_notice 0`,
		`gpuagent_build_info{version="1.2.3"} 1`, `gpuagent_source_up{source="nvml"} 1`, `gpuagent_source_up{source="imds"} 0`, `gpuagent_source_up{source="kmsg"} 0`,
		`gpuagent_kmsg_overruns_total 2`, `gpuagent_looks_total 100`, `gpuagent_aws_calls_total{action="UpdateContainerInstancesState"} 2`,
	} {
		requireLine(t, body, line)
	}
	require.Contains(t, body, "process_resident_memory_bytes")
}

func TestThePageIsWhatPrometheusReads(t *testing.T) {
	strange := device(0, "GPU-a")
	strange.Name = "a \"name\"\\ with\na line and \xff"
	strange.Power = pointer(math.NaN())
	shown := snapshot(strange, device(1, "GPU-b"))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scrape(t, shown)))
	require.NoError(t, err)
	require.Greater(t, len(families), 50)
	temperature := families["DCGM_FI_DEV_GPU_TEMP"]
	require.Len(t, temperature.GetMetric(), 2)
	names := map[string]string{}
	for _, label := range temperature.GetMetric()[0].GetLabel() {
		names[label.GetName()] = label.GetValue()
	}
	require.Equal(t, "a \"name\"\\ with\na line and ", names["modelName"])
	require.Len(t, families["DCGM_FI_DEV_POWER_USAGE"].GetMetric(), 1, "what is no number is left out")
	require.Equal(t, "COUNTER", families["xid_errors_total"].GetType().String())
	for name, family := range families {
		require.NotEmpty(t, family.GetHelp(), name)
	}
}

// What the agent does not show of the dashboard, and why.
var (
	notMeasured = map[string]string{"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": "takes the profiling that costs the workload, and DCGM"}
	notLabels   = map[string]string{
		"instance": "added by Prometheus", "uuid": "the dashboard's own misspelling of UUID; dcgm-exporter has none either",
		"GPU_I_ID": "a MIG device's", "GPU_I_PROFILE": "a MIG device's",
	}
)

var (
	metricNames   = regexp.MustCompile(`DCGM_[A-Z0-9_]+`)
	selectors     = regexp.MustCompile(`([A-Za-z_]+)=~"`)
	groupings     = regexp.MustCompile(`by \(([^)]*)\)`)
	variables     = regexp.MustCompile(`^label_values\(.*, (\w+)\)$`)
	labelsOfSerie = regexp.MustCompile(`([A-Za-z_]+)="`)
)

func TestTheWellKnownDashboardFindsWhatItAsksFor(t *testing.T) {
	raw, err := os.ReadFile("testdata/dashboard-12239.txt")
	require.NoError(t, err)
	body := scrape(t, snapshot(device(0, "GPU-a")))
	queries := 0
	for query := range strings.Lines(string(raw)) {
		query = strings.TrimSpace(query)
		if query == "" || strings.HasPrefix(query, "#") {
			continue
		}
		queries++
		name := metricNames.FindString(query)
		if notMeasured[name] != "" {
			require.NotContains(t, body, name)
			continue
		}
		series := regexp.MustCompile(`(?m)^` + name + `\{.*$`).FindString(body)
		require.NotEmpty(t, series, "%s asks for %s", query, name)
		has := map[string]bool{}
		for _, match := range labelsOfSerie.FindAllStringSubmatch(series, -1) {
			has[match[1]] = true
		}
		var wanted []string
		for _, match := range append(selectors.FindAllStringSubmatch(query, -1), variables.FindAllStringSubmatch(query, -1)...) {
			wanted = append(wanted, match[1])
		}
		for _, match := range groupings.FindAllStringSubmatch(query, -1) {
			wanted = append(wanted, strings.Split(match[1], ", ")...)
		}
		for _, label := range wanted {
			require.True(t, has[label] || notLabels[label] != "", "%s asks for the label %s", query, label)
		}
	}
	require.Equal(t, 20, queries)
}

func BenchmarkScrapeOfEightGPUs(b *testing.B) {
	var devices []observe.Device
	for i := range 8 {
		devices = append(devices, device(i, "GPU-"+string(rune('a'+i))))
	}
	shown := snapshot(devices...)
	handler := metrics.Handler(metrics.Options{Snapshot: func() *agent.Snapshot { return shown }})
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	}
}
