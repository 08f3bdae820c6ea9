package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Check compares the changes with those in a file, which is kept beside the
// code so that a resource never leaves the emulator's tests unnoticed. With
// update it writes the file instead.
func (r *Report) Check(path string, update bool) error {
	lines := r.Lines()
	if update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing what the emulator does without: %w", err)
		}
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			return fmt.Errorf("writing what the emulator does without: %w", err)
		}
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading what the emulator does without: %w", err)
	}
	known := strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' })
	var differences []string
	for _, line := range lines {
		if !slices.Contains(known, line) {
			differences = append(differences, "new:  "+line)
		}
	}
	for _, line := range known {
		if !slices.Contains(lines, line) {
			differences = append(differences, "gone: "+line)
		}
	}
	if len(differences) > 0 {
		return fmt.Errorf("what the emulator does without differs from %s:\n  %s\nif that is right, run 'make e2e-update' and commit the file",
			path, strings.Join(differences, "\n  "))
	}
	return nil
}
