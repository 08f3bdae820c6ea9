//go:build !cgo || !linux

package nvml

import (
	"context"

	"tandem/gpuagent/internal/observe"
)

// Options of a [Library]; see the build for Linux.
type Options struct{ Path string }

// Library reads no GPUs.
type Library struct{}

// Host returns a library that finds no driver.
func Host(Options) *Library { return &Library{} }

// Devices says that there is no driver.
func (*Library) Devices(context.Context) ([]observe.Device, error) { return nil, observe.ErrNoDriver }

// DriverVersion is empty.
func (*Library) DriverVersion() string { return "" }

// UUID knows no device.
func (*Library) UUID(string) string { return "" }

// Watch waits for the end of the context.
func (*Library) Watch(ctx context.Context, _ observe.Events) error {
	<-ctx.Done()
	return nil
}

// Close does nothing.
func (*Library) Close() {}
