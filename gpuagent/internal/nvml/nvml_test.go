//go:build cgo && linux

package nvml_test

import (
	"testing"

	api "github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/nvml"
)

// driver is a fake driver with one healthy device and, behind it, one that is
// reached with the given code.
func driver(second api.Return) *mock.Interface {
	healthy := &mock.Device{
		GetUUIDFunc:             func() (string, api.Return) { return "GPU-a", api.SUCCESS },
		GetNameFunc:             func() (string, api.Return) { return "NVIDIA L4", api.SUCCESS },
		GetTemperatureFunc:      func(api.TemperatureSensors) (uint32, api.Return) { return 41, api.SUCCESS },
		GetPowerUsageFunc:       func() (uint32, api.Return) { return 33500, api.SUCCESS },
		GetMemoryInfoFunc:       func() (api.Memory, api.Return) { return api.Memory{Used: 1, Total: 4}, api.SUCCESS },
		GetUtilizationRatesFunc: func() (api.Utilization, api.Return) { return api.Utilization{}, api.ERROR_NOT_SUPPORTED },
	}
	return &mock.Interface{
		InitFunc:           func() api.Return { return api.SUCCESS },
		DeviceGetCountFunc: func() (int, api.Return) { return 2, api.SUCCESS },
		DeviceGetHandleByIndexFunc: func(index int) (api.Device, api.Return) {
			if index == 1 && second != api.SUCCESS {
				return nil, second
			}
			return healthy, api.SUCCESS
		},
	}
}

func TestReadingsAreTakenInTheirUnits(t *testing.T) {
	gpus, err := nvml.Open(driver(api.SUCCESS)).Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, agent.GPU{UUID: "GPU-a", Name: "NVIDIA L4", Temperature: 41, Power: 33.5, MemoryUsed: 1, MemoryTotal: 4}, gpus[0])
}

func TestALostGPUIsReportedBesideTheHealthyOnes(t *testing.T) {
	gpus, err := nvml.Open(driver(api.ERROR_GPU_IS_LOST)).Read(t.Context())
	require.NoError(t, err)
	require.False(t, gpus[0].Lost)
	require.True(t, gpus[1].Lost)
}

func TestAnotherErrorIsTheMonitorsAndNotTheGPUs(t *testing.T) {
	_, err := nvml.Open(driver(api.ERROR_UNKNOWN)).Read(t.Context())
	require.ErrorContains(t, err, "opening GPU 1")
	require.NotErrorIs(t, err, agent.ErrNoDriver)
}

func TestAMissingDriverIsSaidSoAndLookedForAgain(t *testing.T) {
	fake := driver(api.SUCCESS)
	fake.InitFunc = func() api.Return { return api.ERROR_LIBRARY_NOT_FOUND }
	library := nvml.Open(fake)
	_, err := library.Read(t.Context())
	require.ErrorIs(t, err, agent.ErrNoDriver)

	fake.InitFunc = func() api.Return { return api.SUCCESS }
	gpus, err := library.Read(t.Context())
	require.NoError(t, err)
	require.Len(t, gpus, 2)
}

func TestTheRealLibraryMayBeMissing(t *testing.T) {
	_, err := nvml.Open(api.New()).Read(t.Context())
	if err != nil {
		require.ErrorIs(t, err, agent.ErrNoDriver)
	}
}
