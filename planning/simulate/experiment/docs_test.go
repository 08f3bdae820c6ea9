package experiment

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

const guide = "../../../docs/simulation.md"

// keys of a scenario, all the way down; those of a configuration are told there.
func keys(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[config.WorkerScale]() {
		return nil
	}
	var all []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" {
			all = append(append(all, key), keys(t.Field(i).Type)...)
		}
	}
	return all
}

func TestTheGuideNamesEachKeyAndEachPolicy(t *testing.T) {
	raw, err := os.ReadFile(guide)
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "## A scenario")
	require.True(t, found)
	_, section, found = strings.Cut(section, "| key | says | default |")
	require.True(t, found)
	all := keys(reflect.TypeFor[Scenario]())
	require.Greater(t, len(all), 45)
	for _, key := range all {
		require.True(t, regexp.MustCompile("[`. ]"+key+"[`:.]").MatchString(section), "%s is not told", key)
	}
	for _, id := range append(IDs(), Tandem, All, None) {
		require.Contains(t, section, "`"+id+"`")
	}
}

func TestTheGuidesScenarioIsRight(t *testing.T) {
	raw, err := os.ReadFile(guide)
	require.NoError(t, err)
	_, text, found := strings.Cut(string(raw), "```yaml\n")
	require.True(t, found)
	text, _, found = strings.Cut(text, "```")
	require.True(t, found)
	e := read(t, text)
	require.Equal(t, 4, e.Scenario.Instance.Slots)
	require.Len(t, e.entrants, 3)
}
