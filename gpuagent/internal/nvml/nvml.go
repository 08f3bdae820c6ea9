//go:build cgo && linux

// Package nvml asks the NVIDIA driver through its management library, which is
// the host's own and loaded when the agent starts.
package nvml

import (
	"context"
	"errors"
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/agent"
)

// Library reads GPUs through NVML.
type Library struct {
	api   nvml.Interface
	ready bool
}

// Open returns a library that is loaded on the first reading: a driver that is
// installed later is found later.
func Open(api nvml.Interface) *Library { return &Library{api: api} }

// Host returns the library of this host.
func Host() *Library { return Open(nvml.New()) }

// Read implements [agent.GPUs].
func (l *Library) Read(context.Context) ([]agent.GPU, error) {
	if err := l.load(); err != nil {
		return nil, err
	}
	count, code := l.api.DeviceGetCount()
	if code != nvml.SUCCESS {
		return nil, failure("counting the GPUs", code)
	}
	gpus := make([]agent.GPU, 0, count)
	for index := range count {
		gpu, err := l.read(index)
		if err != nil {
			return nil, err
		}
		gpus = append(gpus, gpu)
	}
	return gpus, nil
}

// load survives a library that is not there: loading it panics in go-nvml's
// lazy binding when a symbol is missing.
func (l *Library) load() (err error) {
	if l.ready {
		return nil
	}
	defer func() {
		if refused := recover(); refused != nil {
			err = fmt.Errorf("loading libnvidia-ml.so.1: %v: %w", refused, agent.ErrNoDriver)
		}
	}()
	switch code := l.api.Init(); code {
	case nvml.SUCCESS:
		l.ready = true
		return nil
	case nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED, nvml.ERROR_NO_PERMISSION:
		return fmt.Errorf("loading libnvidia-ml.so.1: %s: %w", nvml.ErrorString(code), agent.ErrNoDriver)
	default:
		return failure("loading libnvidia-ml.so.1", code)
	}
}

func (l *Library) read(index int) (agent.GPU, error) {
	gpu := agent.GPU{Index: index}
	device, code := l.api.DeviceGetHandleByIndex(index)
	if code == nvml.ERROR_GPU_IS_LOST {
		gpu.Lost = true
		return gpu, nil
	}
	if code != nvml.SUCCESS {
		return gpu, failure(fmt.Sprintf("opening GPU %d", index), code)
	}
	if gpu.UUID, code = device.GetUUID(); code == nvml.ERROR_GPU_IS_LOST {
		gpu.Lost = true
		return gpu, nil
	}
	// A reading that a device does not offer stays zero: not all do.
	gpu.Name, _ = device.GetName()
	if celsius, code := device.GetTemperature(nvml.TEMPERATURE_GPU); code == nvml.SUCCESS {
		gpu.Temperature = float64(celsius)
	}
	if milliwatts, code := device.GetPowerUsage(); code == nvml.SUCCESS {
		gpu.Power = float64(milliwatts) / 1000
	}
	if memory, code := device.GetMemoryInfo(); code == nvml.SUCCESS {
		gpu.MemoryUsed, gpu.MemoryTotal = memory.Used, memory.Total
	}
	if use, code := device.GetUtilizationRates(); code == nvml.SUCCESS {
		gpu.Utilisation = float64(use.Gpu)
	}
	return gpu, nil
}

func failure(doing string, code nvml.Return) error {
	return fmt.Errorf("%s: %w", doing, errors.New(nvml.ErrorString(code)))
}
