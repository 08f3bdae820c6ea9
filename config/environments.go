package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
)

// Environments are the names of the overlays in a folder, sorted.
func Environments(dir string) ([]string, error) {
	return environments(os.DirFS(dir), dir)
}

func environments(files fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list the environments in the folder %s: %w", dir, err)
	}
	var names []string
	for _, entry := range entries {
		name, isYAML := strings.CutSuffix(entry.Name(), ".yaml")
		if isYAML && name != baseName && !entry.IsDir() {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names, nil
}

// findEnvironment is an error where the overlay can't be the one that is
// meant; it names those that exist.
func (o Options) findEnvironment() error {
	names, err := environments(o.FS, o.Dir)
	if err != nil {
		return err
	}
	there := fmt.Sprintf("the folder %s has %s", o.Dir, strings.Join(names, ", "))
	if len(names) == 0 {
		there = fmt.Sprintf("the folder %s has none yet: write %s/dev.yaml", o.Dir, o.Dir)
	}
	switch {
	case o.Environment == "":
		return fmt.Errorf("no environment was named: %s", there)
	case o.Environment == baseName:
		return fmt.Errorf("%q is what all environments share, not one of them: %s", baseName, there)
	}
	for _, name := range names {
		if name != o.Environment {
			continue
		}
		if !environmentName.MatchString(name) {
			return fmt.Errorf("the environment name %q must match %s, as it becomes part of resource names: rename %s/%s.yaml",
				name, environmentName, o.Dir, name)
		}
		return nil
	}
	if _, err := fs.Stat(o.FS, o.Environment+".yml"); err == nil {
		return fmt.Errorf("%s/%s.yml is not read: rename it to %s.yaml", o.Dir, o.Environment, o.Environment)
	} else if errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("%q cannot be the name of an environment: %s", o.Environment, there)
	}
	hint := ""
	if near := nearest(o.Environment, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("no environment %q: %s%s", o.Environment, there, hint)
}
