// Package test holds what is true of the project as a whole: who may import
// whom, what a committed file may contain. The folders below it hold snapshots,
// the emulator, and tests of everything together.
package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
)

// module is the name that all our packages begin with.
const module = "tandem"

// listed is what `go list` says of one of our packages.
type listed struct {
	ImportPath, Name, Dir     string
	GoFiles                   []string
	Imports, Deps             []string
	TestImports, XTestImports []string
}

// path of a package below the module's root, empty for the root itself.
func (p listed) path() string { return ours(p.ImportPath) }

func (p listed) main() bool { return p.Name == "main" }

func ours(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

func isOurs(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

var packages = sync.OnceValues(func() ([]listed, error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	command := exec.Command("go", "list", "-json=ImportPath,Name,Dir,GoFiles,Imports,Deps,TestImports,XTestImports", "./...")
	command.Dir = root
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(stderr.String()))
	}
	var all []listed
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var one listed
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
})

func allPackages(t *testing.T) []listed {
	t.Helper()
	all, err := packages()
	require.NoError(t, err)
	return all
}

// matches says whether a package is named by a pattern: itself, a/* for those
// directly below a, a/... for a and everything below it.
func matches(pattern, name string) bool {
	if parent, found := strings.CutSuffix(pattern, "/..."); found {
		return name == parent || strings.HasPrefix(name, parent+"/")
	}
	if parent, found := strings.CutSuffix(pattern, "/*"); found {
		return path.Dir(name) == parent
	}
	return pattern == name
}

func matchesAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if matches(pattern, name) {
			return true
		}
	}
	return false
}

// rank is the line of layers that a package is on, or -1.
func rank(name string) int {
	best := -1
	for i, layer := range layers {
		if matches(layer, name) && (best < 0 || specific(layer) > specific(layers[best])) {
			best = i
		}
	}
	return best
}

// specific is the greater the fewer packages a pattern of the same name matches.
func specific(pattern string) int {
	switch {
	case strings.HasSuffix(pattern, "/..."):
		return 10 * len(strings.TrimSuffix(pattern, "/..."))
	case strings.HasSuffix(pattern, "/*"):
		return 10*len(strings.TrimSuffix(pattern, "/*")) + 1
	default:
		return 10*len(pattern) + 2
	}
}
