package model

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Example is a program of this repository that can stand for a model.
type Example struct {
	// Name is its folder, such as examples/document-analyser.
	Name string
	// Input is one that it understands, in JSON.
	Input string
	// Prepare returns the command line, building what needs to be built into a folder.
	Prepare func(ctx context.Context, folder string) ([]string, error)
}

// ErrNone says that no example can run here.
var ErrNone = errors.New("no example model can run here")

// Find returns the first example that can run on this machine: it looks for
// the repository in dir and above. Look finds programs; [exec.LookPath].
func Find(dir string, look func(string) (string, error)) (Example, error) {
	root, err := repository(dir)
	if err != nil {
		return Example{}, err
	}
	if python, err := look("python3"); err == nil {
		return Example{
			Name:  "examples/document-analyser",
			Input: `{"text": "The court ruled. The court was clear."}`,
			Prepare: func(context.Context, string) ([]string, error) {
				return []string{python, filepath.Join(root, "examples", "document-analyser", "server.py")}, nil
			},
		}, nil
	}
	if tool, err := look("go"); err == nil {
		return Example{Name: "examples/go-agent", Input: `{"count": 10}`, Prepare: build(tool, root, "go-agent")}, nil
	}
	return Example{}, fmt.Errorf("%w: install Python 3 or Go, or name a container of your own by --model", ErrNone)
}

// repository finds the folder that holds examples.
func repository(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("looking for the examples: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "examples", "document-analyser", "server.py")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%w: %s is not within a copy of the repository, which has them; go there, or name a container of your own by --model", ErrNone, dir)
		}
	}
}

// build compiles an example rather than using 'go run', which would stand
// between it and its signals.
func build(tool, root, name string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, folder string) ([]string, error) {
		program := filepath.Join(folder, name)
		command := exec.CommandContext(ctx, tool, "build", "-o", program, "./examples/"+name)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building examples/%s: %w\n%s", name, err, output)
		}
		return []string{program}, nil
	}
}
