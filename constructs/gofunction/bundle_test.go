package gofunction_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/gofunction"
)

// module writes a Go module with one function, as small as it can be.
func module(t *testing.T, greeting string) string {
	root := t.TempDir()
	for path, content := range map[string]string{
		"go.mod":                             "module example\n\ngo 1.26\n",
		"go.sum":                             "",
		"runtime/functions/hello/main.go":    "package main\n\nfunc main() { println(\"" + greeting + "\") }\n",
		"runtime/functions/hello/no_test.go": "package main\n",
	} {
		file := filepath.Join(root, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
	}
	return root
}

func build(t *testing.T, root string) []byte {
	directory, err := (&gofunction.Builder{Root: root}).Directory("hello", "arm64")
	require.NoError(t, err)
	binary, err := os.ReadFile(filepath.Join(directory, "bootstrap"))
	require.NoError(t, err)
	return binary
}

func TestTheSameSourceGivesTheSameBytesInAnotherFolder(t *testing.T) {
	require.Equal(t, build(t, module(t, "hello")), build(t, module(t, "hello")))
}

func TestAChangedSourceIsBuiltAgain(t *testing.T) {
	root := module(t, "hello")
	before := build(t, root)
	main := filepath.Join(root, "runtime/functions/hello/main.go")
	require.NoError(t, os.WriteFile(main, []byte("package main\n\nfunc main() { println(\"good day\") }\n"), 0o644))
	require.NotEqual(t, before, build(t, root))
}

func TestAnUnchangedSourceIsNotBuiltAgain(t *testing.T) {
	root := module(t, "hello")
	build(t, root)
	bootstrap := filepath.Join(root, ".cache/functions/arm64/hello/bootstrap")
	before, err := os.Stat(bootstrap)
	require.NoError(t, err)
	build(t, root)
	after, err := os.Stat(bootstrap)
	require.NoError(t, err)
	require.Equal(t, before.ModTime(), after.ModTime())
}

func TestAProgramThatDoesNotCompileSaysWhy(t *testing.T) {
	root := module(t, "hello")
	require.NoError(t, os.WriteFile(filepath.Join(root, "runtime/functions/hello/main.go"), []byte("package main\n\nfunc main() { nonsense() }\n"), 0o644))
	_, err := (&gofunction.Builder{Root: root}).Directory("hello", "arm64")
	require.ErrorContains(t, err, "undefined: nonsense")
}

func TestAProgramThatDoesNotExistIsNamed(t *testing.T) {
	_, err := (&gofunction.Builder{Root: module(t, "hello")}).Directory("goodbye", "arm64")
	require.ErrorContains(t, err, `function "goodbye": no program at runtime/functions/goodbye`)
}
