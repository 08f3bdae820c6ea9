package traces

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tandem/planning/simulate"
)

// Variable of the environment that names a folder with arrivals/*.csv and spot/*.json.
const Variable = "TANDEM_TRACES"

// beside the checkout is where traces lie if the variable is not set.
const beside = "../shared/data"

//go:embed shipped
var shipped embed.FS

// Set of traces.
type Set struct {
	// From is where they were found.
	From     string
	Arrivals []Recording
	Spot     []Market
}

// Recording of arrivals.
type Recording struct {
	Name string
	Jobs []simulate.Job
}

// Market is one spot trace.
type Market struct {
	Name         string
	Availability *simulate.Availability
}

// Find reads all traces of the folder that the variable names, else of those
// beside a checkout, else the ones that are shipped. A folder that was named
// and lacks one kind is an error.
func Find(variable, checkout string, rate Rate) (Set, error) {
	folder := variable
	if folder == "" {
		folder = filepath.Join(checkout, filepath.FromSlash(beside))
		if _, err := os.Stat(folder); checkout == "" || err != nil {
			return Shipped(rate)
		}
	}
	set := Set{From: folder}
	if variable == "" {
		set.From = beside
	}
	err := each(folder, "arrivals/*.csv", func(name string, raw []byte) error { return set.addArrivals(name, raw, rate) })
	if err != nil {
		return Set{}, err
	}
	return set, each(folder, "spot/*.json", set.addSpot)
}

// Shipped traces: the first ten minutes of Azure's arrivals, and a spot trace
// that was made up (see the README beside them).
func Shipped(rate Rate) (Set, error) {
	set := Set{From: "shipped"}
	for name, add := range map[string]func(string, []byte) error{
		"shipped/azure-llm-2023-code-10min.csv": func(name string, raw []byte) error { return set.addArrivals(name, raw, rate) },
		"shipped/synthetic-spot.json":           set.addSpot,
	} {
		raw, err := shipped.ReadFile(name)
		if err != nil {
			return Set{}, fmt.Errorf("reading a shipped trace: %w", err)
		}
		if err := add(name, raw); err != nil {
			return Set{}, err
		}
	}
	return set, nil
}

// OpenShipped opens one of the traces that are shipped, by its name.
func OpenShipped(name string) (fs.File, error) {
	file, err := shipped.Open("shipped/" + name)
	if err == nil {
		return file, nil
	}
	entries, err := shipped.ReadDir("shipped")
	if err != nil {
		return nil, fmt.Errorf("looking for the shipped traces: %w", err)
	}
	var there []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".md" {
			there = append(there, entry.Name())
		}
	}
	return nil, fmt.Errorf("no trace %q is shipped; there are %s", name, strings.Join(there, ", "))
}

func each(folder, pattern string, add func(name string, raw []byte) error) error {
	names, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
	if err != nil {
		return fmt.Errorf("looking for traces in %s: %w", folder, err)
	}
	if len(names) == 0 {
		return fmt.Errorf("%s has no %s; set %s to a folder that has, or unset it", folder, pattern, Variable)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("reading a trace: %w", err)
		}
		if err := add(name, raw); err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) addArrivals(name string, raw []byte, rate Rate) error {
	jobs, err := Load(name, bytes.NewReader(raw), rate)
	if err != nil {
		return err
	}
	s.Arrivals = append(s.Arrivals, Recording{Name: short(name), Jobs: jobs})
	return nil
}

func (s *Set) addSpot(name string, raw []byte) error {
	availability, err := ReadSpot(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.Spot = append(s.Spot, Market{Name: short(name), Availability: availability})
	return nil
}

func short(name string) string {
	name = filepath.Base(name)
	return strings.TrimSuffix(name, filepath.Ext(name))
}
