// Package checkout finds the root of the project from a test's folder, and the
// tools that `make setup` installs there. It installs nothing itself.
package checkout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// ErrNotInstalled means that a tool of `make setup` is missing.
var ErrNotInstalled = errors.New("not installed, run 'make setup'")

// The tools, by their path from the root.
const (
	// Ministack is the AWS emulator.
	Ministack = ".venv/bin/ministack"
	// OpenAIClient is a Python that has OpenAI's client.
	OpenAIClient = ".cache/openai/bin/python"
	// CDK is the CDK's command line.
	CDK = "node_modules/.bin/cdk"
	// Node is the Node that package.json pins.
	Node = "node_modules/.bin/node"
)

// Root returns the folder of go.mod above the working directory.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the project's root: %w", err)
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		_, err := os.Stat(filepath.Join(folder, "go.mod"))
		switch {
		case err == nil:
			return folder, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("finding the project's root: %w", err)
		case filepath.Dir(folder) == folder:
			return "", fmt.Errorf("finding the project's root: no go.mod in %s or above", start)
		}
	}
}

// Tool returns the absolute path of a tool, or an [ErrNotInstalled].
func Tool(path string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	tool := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(tool); err != nil {
		return "", fmt.Errorf("%s: %w", path, ErrNotInstalled)
	}
	return tool, nil
}

// Need skips the test when one of the tools is missing. Under make, which has
// installed them all and sets TANDEM_REQUIRE_TOOLS, it fails instead: a
// skipped suite must not pass for a good one.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		switch _, err := Tool(tool); {
		case err == nil:
		case errors.Is(err, ErrNotInstalled) && os.Getenv("TANDEM_REQUIRE_TOOLS") == "":
			t.Skip(err)
		default:
			t.Fatal(err)
		}
	}
}
