package assembly

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// binary is a Go function in an asset: the file named bootstrap.
type binary struct {
	file string
	// imports is the path of its package, and architecture what it was built for.
	imports, architecture string
}

// bootstrap is the name by which Lambda starts a custom runtime's program.
const bootstrap = "bootstrap"

// shimPackage turns a stream into one answer; see its own comment.
const shimPackage = "tandem/test/emulator/streamshim"

// functions finds the Go functions among the assets, by asset folder.
func (a *Assembly) functions() (map[string]binary, error) {
	found := map[string]binary{}
	for _, stack := range a.Stacks {
		for _, asset := range object(stack.assets["files"]) {
			folder := text(object(object(asset)["source"])["path"])
			file := filepath.Join(a.Folder, folder, bootstrap)
			if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) || isNotFolder(err) {
				continue
			}
			info, err := buildinfo.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("reading how %s was built: %w", file, err)
			}
			function := binary{file: file, imports: info.Path}
			for _, setting := range info.Settings {
				if setting.Key == "GOARCH" {
					function.architecture = setting.Value
				}
			}
			found[folder] = function
		}
	}
	return found, nil
}

func isNotFolder(err error) bool {
	var failed *fs.PathError
	return errors.As(err, &failed) && strings.Contains(failed.Err.Error(), "not a directory")
}

// rebuild builds the functions that this machine cannot run once more, from the
// same packages, and puts the shim before those that stream. It returns the
// packages that it built. Binaries are kept in cache, where Go finds them up to
// date when no source has changed.
func (a *Assembly) rebuild(ctx context.Context, root, cache string, streaming map[string][]string) ([]string, error) {
	functions, err := a.functions()
	if err != nil {
		return nil, err
	}
	streams := a.assetFolders(streaming)
	var packages []string
	for _, function := range functions {
		if function.architecture != runtime.GOARCH {
			packages = append(packages, function.imports)
		}
	}
	slices.Sort(packages)
	packages = slices.Compact(packages)
	wanted := packages
	if len(streams) > 0 {
		wanted = append(slices.Clone(packages), shimPackage)
	}
	if err := build(ctx, root, cache, wanted); err != nil {
		return nil, err
	}
	for folder, function := range functions {
		if function.architecture != runtime.GOARCH {
			if err := replace(function.file, filepath.Join(cache, path.Base(function.imports))); err != nil {
				return nil, err
			}
		}
		if !streams[folder] {
			continue
		}
		if err := os.Rename(function.file, function.file+".streaming"); err != nil {
			return nil, fmt.Errorf("putting the shim before %s: %w", function.imports, err)
		}
		if err := replace(function.file, filepath.Join(cache, path.Base(shimPackage))); err != nil {
			return nil, err
		}
	}
	return packages, nil
}

// assetFolders finds the folders that functions' code comes from.
func (a *Assembly) assetFolders(functions map[string][]string) map[string]bool {
	folders := map[string]bool{}
	for _, stack := range a.Stacks {
		for _, logicalID := range functions[stack.ID] {
			code := object(object(object(stack.Resources()[logicalID])["Properties"])["Code"])
			hash, _, _ := strings.Cut(text(code["S3Key"]), ".")
			asset := object(object(stack.assets["files"])[hash])
			if folder := text(object(asset["source"])["path"]); folder != "" {
				folders[folder] = true
			}
		}
	}
	return folders
}

// build leaves one binary a package in the cache, named by the package's last
// element. Its flags are those of 'go test', which has compiled most packages already.
func build(ctx context.Context, root, cache string, packages []string) error {
	if len(packages) == 0 {
		return nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("building functions for this machine: %w", err)
	}
	arguments := append([]string{"build", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", cache + string(filepath.Separator)}, packages...)
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building functions for this machine: %w\n%s", err, output)
	}
	return nil
}

// replace copies a program over a file, which may be a link to the synthesised one.
func replace(file, program string) error {
	source, err := os.Open(program)
	if err != nil {
		return fmt.Errorf("putting %s into its asset: %w", program, err)
	}
	defer source.Close()
	if err := os.RemoveAll(file); err != nil {
		return fmt.Errorf("putting %s into its asset: %w", program, err)
	}
	target, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return fmt.Errorf("putting %s into its asset: %w", program, err)
	}
	_, err = io.Copy(target, source)
	if err := errors.Join(err, target.Close()); err != nil {
		return fmt.Errorf("putting %s into its asset: %w", program, err)
	}
	return nil
}
