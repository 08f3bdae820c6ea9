package experiment

import (
	"fmt"
	"regexp"
	"strings"

	"tandem/planning/yamlfile"
)

// document is a scenario's file and what was set over it, for the place of
// whatever is wrong.
type document struct {
	name string
	raw  []byte
	sets []set
}

// set is one value that is laid over the file.
type set struct {
	path, value string
}

var setPath = regexp.MustCompile(`^[a-zA-Z]+(\.[a-zA-Z]+)*$`)

func newDocument(name string, raw []byte, sets []string) (*document, error) {
	d := &document{name: name, raw: raw}
	for _, text := range sets {
		path, value, found := strings.Cut(text, "=")
		if !found || !setPath.MatchString(path) {
			return nil, fmt.Errorf("--set %s: write a key and its value, such as --set policy.idleFor=10m", text)
		}
		d.sets = append(d.sets, set{path, value})
	}
	return d, nil
}

func (s set) String() string { return fmt.Sprintf("--set %s=%s", s.path, s.value) }

// yaml is the value as a document of its own.
func (s set) yaml() []byte {
	keys := strings.Split(s.path, ".")
	return []byte(strings.Join(keys, ": {") + ": " + s.value + strings.Repeat("}", len(keys)-1) + "\n")
}

// setPosition is a place in a document that nobody wrote.
var setPosition = regexp.MustCompile(`^--set:\d+:\d+: `)

// decode lays the file, and then what was set, over a scenario.
func (d *document) decode(into *Scenario) error {
	if err := yamlfile.Decode(d.name, d.raw, into); err != nil {
		return err
	}
	for _, s := range d.sets {
		if err := yamlfile.Decode("--set", s.yaml(), into); err != nil {
			return fmt.Errorf("%s: %s", s, setPosition.ReplaceAllString(err.Error(), ""))
		}
	}
	return nil
}

// place is where a path such as spot.price was said, or else where the nearest
// that holds it was.
func (d *document) place(path string) string {
	for i := len(d.sets) - 1; i >= 0; i-- {
		if s := d.sets[i]; s.path == path || strings.HasPrefix(path, s.path+".") || strings.HasPrefix(path, s.path+"[") {
			return s.String()
		}
	}
	for {
		if line, column, found := yamlfile.Place(d.raw, "$."+path); found {
			return fmt.Sprintf("%s:%d:%d", d.name, line, column)
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return d.name + ":1:1"
		}
		path = path[:cut]
	}
}

// source of a value: the scenario where it says anything there, else a default.
func (d *document) source(path string) string {
	for _, s := range d.sets {
		if s.path == path || strings.HasPrefix(s.path, path+".") || strings.HasPrefix(path, s.path+".") {
			return fromScenario
		}
	}
	if _, _, found := yamlfile.Place(d.raw, "$."+path); found {
		return fromScenario
	}
	return "a default: docs/simulation.md"
}

// text is the scenario as it was run.
func (d *document) text() string {
	text := strings.TrimRight(string(d.raw), "\n") + "\n"
	for _, s := range d.sets {
		text += "# " + s.String() + "\n"
	}
	return text
}
