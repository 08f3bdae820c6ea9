package fakenvml

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// New builds the library for a test, gives it a script of its own with the given
// lines, and returns the library's path. Without a compiler the test is skipped,
// or fails where TANDEM_REQUIRE_TOOLS is set.
//
// Tests of one process share what is loaded: they cannot run in parallel.
func New(t testing.TB, lines ...string) (string, Script) {
	t.Helper()
	library, err := Build(t.Context())
	if errors.Is(err, ErrNoCompiler) && os.Getenv("TANDEM_REQUIRE_TOOLS") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	script := Script{Path: filepath.Join(t.TempDir(), "driver.txt")}
	if err := script.Write(lines...); err != nil {
		t.Fatal(err)
	}
	t.Setenv(Variable, script.Path)
	return library, script
}
