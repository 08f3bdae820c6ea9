package stacks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A change to a program that an image does not hold must not change the image:
// a new image means that all tasks are replaced. TANDEM_UPDATE=1 writes the lists.
func TestAnImageIsBuiltFromThePackagesThatItsProgramImportsAndNoOthers(t *testing.T) {
	for dockerfile, program := range map[string]struct{ pkg, cgo string }{
		"gpuagent/Dockerfile":       {"./gpuagent", "1"},
		"runtime/worker/Dockerfile": {"./runtime/worker/cmd/worker", "0"},
	} {
		t.Run(dockerfile, func(t *testing.T) {
			want := "# What " + dockerfile + " is built from: the sources of the packages that " + program.pkg + " imports.\n" +
				"# Written by 'TANDEM_UPDATE=1 go test ./stacks -run Image'; the stacks read it too.\n" +
				"*\n!go.mod\n!go.sum\n!" + dockerfile + "\n" + strings.Join(sources(t, program.pkg, program.cgo), "") + "**/*_test.go\n"
			file := filepath.Join("..", dockerfile+".dockerignore")
			if os.Getenv("TANDEM_UPDATE") != "" {
				require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
			}
			got, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, want, string(got), "run 'TANDEM_UPDATE=1 go test ./stacks -run Image': %s imports other packages now", program.pkg)
		})
	}
}

// sources are the patterns for the Go files of this module that a program is
// built from on Linux, and for the files that those embed.
func sources(t *testing.T, program, cgo string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{with .Module}}{{if .Main}}{{$.Dir}}{{range $.EmbedFiles}} {{.}}{{end}}{{end}}{{end}}`, program)
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED="+cgo)
	out, err := list.Output()
	require.NoError(t, err)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	var patterns []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		folder, err := filepath.Rel(root, fields[0])
		require.NoError(t, err)
		for _, file := range append([]string{"*.go"}, fields[1:]...) {
			patterns = append(patterns, "!"+filepath.ToSlash(filepath.Join(folder, file))+"\n")
		}
	}
	slices.Sort(patterns)
	return patterns
}
