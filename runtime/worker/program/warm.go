package program

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"

	"tandem/runtime/settings"
	"tandem/runtime/worker/warmup"
)

// warmMemory is where the collector begins to work harder while it warms a
// model: one request and a health check now and then need little.
const warmMemory = 24 << 20

// warm answers for the health of the model server until the context ends.
func warm(ctx context.Context, streams Streams) error {
	debug.SetMemoryLimit(warmMemory)
	s, err := settings.Load[settings.Warm](streams.Environ)
	if err != nil {
		return err
	}
	log := logger(streams, s.Level).With("endpoint", s.Endpoint)
	warmer, err := warmup.New(warmup.Options{
		Endpoint: s.Endpoint, HealthPath: s.HealthPath, Path: s.Path, Body: []byte(s.Body), Timeout: s.Timeout, Log: log,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		return fmt.Errorf("answering health checks at %s: %w", s.Address, err)
	}
	defer listener.Close()
	serve(listener, http.Handler(warmer), log)
	if err := warmer.Warm(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	<-ctx.Done()
	return nil
}
