package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tandem/runtime/settings"
	"tandem/runtime/worker/weights"
	"tandem/runtime/worker/weights/s3source"
)

// fetch brings weights into the host's cache.
func fetch(ctx context.Context, streams Streams) error {
	s, err := settings.Load[settings.Fetch](streams.Environ)
	if err != nil {
		return err
	}
	log := logger(streams, s.Level).With("uri", s.URI, "path", s.Path)
	aws, err := configure(ctx, s.Connections)
	if err != nil {
		return err
	}
	source, err := s3source.New(newS3(aws), s.URI)
	if err != nil {
		return err
	}
	report, err := weights.Fetch(ctx, weights.Options{Source: source, Dir: s.Path, Connections: s.Connections, Log: log})
	if err != nil {
		return fmt.Errorf("fetching weights from %s: %w", s.URI, err)
	}
	log.Info("the weights are there", "files", report.Files, "bytes", report.Bytes, "fetched", report.Fetched)
	return nil
}

// install copies this very program to a path in one step: the image whose entry
// point it becomes may have neither a shell nor a copy command.
func install(path string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the worker's own program: %w", err)
	}
	source, err := os.Open(self)
	if err != nil {
		return fmt.Errorf("opening the worker's own program: %w", err)
	}
	defer source.Close()
	target, err := os.CreateTemp(filepath.Dir(path), ".worker-*")
	if err != nil {
		return fmt.Errorf("installing the worker to %s: %w", path, err)
	}
	defer os.Remove(target.Name())
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Chmod(0o755), target.Close()); err != nil {
		return fmt.Errorf("installing the worker to %s: %w", path, err)
	}
	if err := os.Rename(target.Name(), path); err != nil {
		return fmt.Errorf("installing the worker to %s: %w", path, err)
	}
	return nil
}
