//go:build !cgo || !linux

// Package nvml asks the NVIDIA driver through its management library, which
// takes cgo and Linux. Built without them, as on a machine that has no C
// compiler, it finds no driver.
package nvml

import (
	"context"

	"tandem/gpuagent/internal/agent"
)

// Library reads no GPUs.
type Library struct{}

// Host returns a library that finds no driver.
func Host() *Library { return &Library{} }

// Read implements [agent.GPUs].
func (*Library) Read(context.Context) ([]agent.GPU, error) { return nil, agent.ErrNoDriver }
