package nodestatus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// maxSize of a file that is read. Sixteen GPUs with their reasons take under 4 KiB.
const maxSize = 1 << 20

// Write replaces the file at path in one step, so that a reader sees the old
// status or the new one and never a part. The folder must exist.
func Write(path string, status Status) error {
	status.Version = Version
	raw, err := json.MarshalIndent(status, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the node status: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".node-status-*")
	if err != nil {
		return fmt.Errorf("writing the node status beside %s: %w; mount its folder writable", path, err)
	}
	defer os.Remove(temporary.Name())
	// Workers run as other users than the agent.
	err = temporary.Chmod(0o644)
	if err == nil {
		_, err = temporary.Write(append(raw, '\n'))
	}
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the node status to %s: %w", path, err)
	}
	return nil
}

// Read returns the status in the file at path. A missing file is an error that
// wraps [os.ErrNotExist]: the agent has not started yet, or there is none.
func Read(path string) (Status, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Status{}, fmt.Errorf("reading the node status: %w", err)
	}
	if info.Size() > maxSize {
		return Status{}, fmt.Errorf("reading the node status: %s has %d bytes, more than any agent writes", path, info.Size())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Status{}, fmt.Errorf("reading the node status: %w", err)
	}
	return decode(raw)
}

func decode(raw []byte) (Status, error) {
	var status Status
	if err := json.Unmarshal(raw, &status); err != nil {
		return Status{}, fmt.Errorf("reading the node status: %w", err)
	}
	switch status.State {
	case OK, Impaired, Initializing, InsufficientData:
		return status, nil
	default:
		return Status{}, fmt.Errorf("reading the node status: unknown state %q", status.State)
	}
}
