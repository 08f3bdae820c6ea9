//go:build cgo && linux

package nvml_test

import (
	"errors"
	"testing"

	api "github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/nvml"
)

// driver is one whose answers can be made up without a library.
func driver(count int) *mock.Interface {
	return &mock.Interface{
		InitFunc:                   func() api.Return { return api.SUCCESS },
		ShutdownFunc:               func() api.Return { return api.SUCCESS },
		SystemGetDriverVersionFunc: func() (string, api.Return) { return "570.86.15\n\xff", api.SUCCESS },
		DeviceGetCountFunc:         func() (int, api.Return) { return count, api.SUCCESS },
		DeviceGetHandleByIndexFunc: func(int) (api.Device, api.Return) { panic("runtime error: index out of range") },
		ExtensionsFunc: func() api.ExtendedInterface {
			return &mock.ExtendedInterface{LookupSymbolFunc: func(string) error { return errors.New("not found") }}
		},
	}
}

func TestADriverThatAnswersNonsenseDoesNotEndTheAgent(t *testing.T) {
	for name, test := range map[string]struct {
		count int
		want  string
	}{
		"a negative number of devices": {-1, "the driver says -1"},
		"more devices than fit":        {1 << 30, "the driver says 1073741824"},
		"a count that breaks bindings": {1, "the driver's answer makes no sense"},
	} {
		t.Run(name, func(t *testing.T) {
			library := nvml.Open(driver(test.count), nvml.Options{})
			for range 2 {
				_, err := library.Devices(t.Context())
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestAVersionThatIsNoTextIsCleaned(t *testing.T) {
	library := nvml.Open(driver(0), nvml.Options{})
	_, err := library.Devices(t.Context())
	require.NoError(t, err)
	require.Equal(t, "570.86.15", library.DriverVersion())
}
