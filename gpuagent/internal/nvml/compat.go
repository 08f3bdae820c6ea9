//go:build cgo && linux

package nvml

import (
	"context"
	"errors"
	"fmt"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/observe"
)

// Read implements agent.GPUs.
func (l *Library) Read(ctx context.Context) ([]agent.GPU, error) {
	devices, err := l.Devices(ctx)
	if errors.Is(err, observe.ErrNoDriver) {
		err = fmt.Errorf("%w: %w", agent.ErrNoDriver, err)
	}
	var gpus []agent.GPU
	for _, d := range devices {
		gpu := agent.GPU{UUID: d.UUID, Index: d.Index, Name: d.Name, Lost: d.Lost}
		if d.Temperature != nil {
			gpu.Temperature = *d.Temperature
		}
		gpus = append(gpus, gpu)
	}
	return gpus, err
}
