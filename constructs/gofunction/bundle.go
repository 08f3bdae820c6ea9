package gofunction

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Bundle provides the folder that becomes a function's code: one file named
// bootstrap, which is what the provided.al2023 runtime starts.
type Bundle interface {
	// Directory returns the folder of a program for an architecture (arm64 or amd64).
	Directory(program, architecture string) (string, error)
}

// DefaultArchitecture of functions, in the Go toolchain's word.
const DefaultArchitecture = "arm64"

// Builder builds all programs under runtime/functions with one call of the
// local Go toolchain, the first time that one is asked for. Binaries are kept
// in a cache and built again only when a source file has changed. The same
// source and toolchain give the same bytes on any machine, and so the same
// asset hash.
type Builder struct {
	// Root is the folder of the Go module. Required.
	Root string
	// Cache is where binaries are kept. Default: <Root>/.cache/functions.
	Cache string
	// Output receives what the Go toolchain prints. Default: discarded unless the build fails.
	Output io.Writer

	mutex sync.Mutex
	built map[string]string
}

// Directory builds what is stale and returns the program's folder.
func (b *Builder) Directory(program, architecture string) (string, error) {
	folder, err := b.folder(architecture)
	if err != nil {
		return "", fmt.Errorf("building the functions for %s: %w", architecture, err)
	}
	directory := filepath.Join(folder, program)
	if _, err := os.Stat(filepath.Join(directory, "bootstrap")); err != nil {
		return "", fmt.Errorf("function %q: no program at %s; a function's program is a main package there", program, filepath.Join("runtime", "functions", program))
	}
	return directory, nil
}

// Prepare builds what is stale, so that [Builder.Directory] finds it done.
func (b *Builder) Prepare(architecture string) error {
	_, err := b.folder(architecture)
	return err
}

func (b *Builder) folder(architecture string) (string, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if folder, found := b.built[architecture]; found {
		return folder, nil
	}
	folder, err := b.build(architecture)
	if err != nil {
		return "", err
	}
	if b.built == nil {
		b.built = map[string]string{}
	}
	b.built[architecture] = folder
	return folder, nil
}

// build returns the folder with one folder a program.
func (b *Builder) build(architecture string) (string, error) {
	fingerprint, err := b.fingerprint(architecture)
	if err != nil {
		return "", err
	}
	cache := b.Cache
	if cache == "" {
		cache = filepath.Join(b.Root, ".cache", "functions")
	}
	folder := filepath.Join(cache, architecture)
	stamp := filepath.Join(folder, "fingerprint")
	if known, err := os.ReadFile(stamp); err == nil && string(known) == fingerprint {
		return folder, nil
	}
	binaries := filepath.Join(folder, "bin") + string(filepath.Separator)
	if err := os.MkdirAll(binaries, 0o755); err != nil {
		return "", err
	}
	if err := b.compile(architecture, binaries); err != nil {
		return "", err
	}
	if err := arrange(binaries, folder); err != nil {
		return "", err
	}
	return folder, os.WriteFile(stamp, []byte(fingerprint), 0o644)
}

func (b *Builder) compile(architecture, binaries string) error {
	// GOFLAGS and GOWORK of the user's own would change the bytes; the tag
	// leaves out the RPC mode that provided.al2023 does not use.
	command := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc",
		"-ldflags=-s -w", "-o", binaries, "./runtime/functions/...")
	command.Dir = b.Root
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0")
	output, err := command.CombinedOutput()
	if b.Output != nil {
		_, _ = b.Output.Write(output)
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output)
	}
	return nil
}

// arrange puts <bin>/<program> at <folder>/<program>/bootstrap.
func arrange(binaries, folder string) error {
	programs, err := os.ReadDir(binaries)
	if err != nil {
		return err
	}
	for _, program := range programs {
		directory := filepath.Join(folder, program.Name())
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return err
		}
		bootstrap := filepath.Join(directory, "bootstrap")
		if err := os.RemoveAll(bootstrap); err != nil {
			return err
		}
		if err := os.Link(filepath.Join(binaries, program.Name()), bootstrap); err != nil {
			return err
		}
	}
	return nil
}

// fingerprint hashes what a build depends on: the toolchain, the module files
// and every Go or embedded file that a function could import.
func (b *Builder) fingerprint(architecture string) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), architecture)
	files := []string{"go.mod", "go.sum"}
	for _, top := range []string{"runtime", "prices"} {
		err := filepath.WalkDir(filepath.Join(b.Root, top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.Type().IsRegular() && !strings.HasSuffix(path, "_test.go") {
				relative, err := filepath.Rel(b.Root, path)
				files = append(files, relative)
				return err
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
	}
	slices.Sort(files)
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(b.Root, file))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, file, len(content))
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// withFiles returns a folder with the program and files beside it. It is named
// by what the files hold, so that the same files are written once.
func withFiles(directory string, files map[string][]byte) (string, error) {
	if len(files) == 0 {
		return directory, nil
	}
	hash := sha256.New()
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		fmt.Fprintln(hash, name, len(files[name]))
		hash.Write(files[name])
	}
	packed := directory + "-" + hex.EncodeToString(hash.Sum(nil))[:16]
	if err := os.MkdirAll(packed, 0o755); err != nil {
		return "", err
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(packed, name), files[name], 0o644); err != nil {
			return "", err
		}
	}
	bootstrap := filepath.Join(packed, "bootstrap")
	if err := os.RemoveAll(bootstrap); err != nil {
		return "", err
	}
	return packed, os.Link(filepath.Join(directory, "bootstrap"), bootstrap)
}

// Placeholder is a [Bundle] whose every program is one small file: for
// snapshots, which mask asset hashes, and unit tests of constructs.
type Placeholder struct {
	// Folder in which the file is written. Required.
	Folder string
}

// Directory writes the file and returns its folder.
func (p Placeholder) Directory(program, _ string) (string, error) {
	directory := filepath.Join(p.Folder, program)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", fmt.Errorf("writing a placeholder for %s: %w", program, err)
	}
	return directory, os.WriteFile(filepath.Join(directory, "bootstrap"), []byte(program), 0o755)
}
