// Package fakenvml builds a libnvidia-ml.so.1 without a driver behind it, so
// that the whole way through the bindings can be tried on any machine: see
// library/fakenvml.c for what its script can say.
package fakenvml

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tandem/test/checkout"
)

// ErrNoCompiler says that there is nothing to build the library with.
var ErrNoCompiler = errors.New("no C compiler (gcc) is installed, so there is no fake NVML library")

// Variable is the environment variable by which the library finds its script. It
// is read anew with each call.
const Variable = "FAKE_NVML_SCRIPT"

// Build compiles the library for x86-64 or whatever this machine is, unless it is
// there already, and returns its path. Flags such as -DOLD_DRIVER make another one.
func Build(ctx context.Context, flags ...string) (string, error) {
	compiler, err := exec.LookPath("gcc")
	if err != nil {
		return "", ErrNoCompiler
	}
	root, err := checkout.Root()
	if err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w", err)
	}
	source := filepath.Join(root, "test", "fakenvml", "library", "fakenvml.c")
	raw, err := os.ReadFile(source)
	if err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w", err)
	}
	hash := sha256.Sum256(append(raw, strings.Join(flags, " ")...))
	folder := filepath.Join(root, "build", "fakenvml", hex.EncodeToString(hash[:6]))
	library := filepath.Join(folder, "libnvidia-ml.so.1")
	if _, err := os.Stat(library); err == nil {
		return library, nil
	}
	header, err := headers(ctx, root)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w", err)
	}
	// Two tests may build it at the same time: each puts a whole one in place.
	temporary, err := os.MkdirTemp(folder, "new-")
	if err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w", err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	made := filepath.Join(temporary, "library")
	arguments := append([]string{"-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-pthread", "-I" + header, "-o", made, source}, flags...)
	if output, err := exec.CommandContext(ctx, compiler, arguments...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w: %s", err, output)
	}
	if err := os.Rename(made, library); err != nil {
		return "", fmt.Errorf("building the fake NVML library: %w", err)
	}
	return library, nil
}

// headers is the folder of the nvml.h that the bindings were made from.
func headers(ctx context.Context, root string) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/NVIDIA/go-nvml")
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("looking for nvml.h in the module go-nvml: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(output)), "pkg", "nvml"), nil
}

// Script is the file that a library reads.
type Script struct{ Path string }

// Write replaces the script in one step.
func (s Script) Write(lines ...string) error {
	temporary := s.Path + ".new"
	if err := os.WriteFile(temporary, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing a driver's script: %w", err)
	}
	if err := os.Rename(temporary, s.Path); err != nil {
		return fmt.Errorf("writing a driver's script: %w", err)
	}
	return nil
}

// Add appends lines, such as an event.
func (s Script) Add(lines ...string) error {
	file, err := os.OpenFile(s.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("adding to a driver's script: %w", err)
	}
	_, err = file.WriteString(strings.Join(lines, "\n") + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("adding to a driver's script: %w", err)
	}
	return nil
}
