package config_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/config"
)

func shown(t require.TestingT, loaded *config.Loaded) (asYAML string, asJSON map[string]any) {
	var text, object strings.Builder
	require.NoError(t, loaded.WriteYAML(&text))
	require.NoError(t, loaded.WriteJSON(&object))
	require.NoError(t, json.Unmarshal([]byte(object.String()), &asJSON))
	return text.String(), asJSON
}

func TestWhatIsShownIsYAMLOfTheSameValues(t *testing.T) {
	for _, name := range []string{"dev", "staging", "prod"} {
		loaded, err := config.Load(config.Options{Dir: ".", Environment: name})
		require.NoError(t, err)
		text, object := shown(t, loaded)
		var again any
		require.NoError(t, yaml.Unmarshal([]byte(text), &again))
		viaYAML, err := json.Marshal(again)
		require.NoError(t, err)
		viaJSON, err := json.Marshal(object["config"])
		require.NoError(t, err)
		require.JSONEq(t, string(viaJSON), string(viaYAML))
		require.Equal(t, name, object["environment"])
	}
}

func TestAnyTextIsShownAsItIs(t *testing.T) {
	base, err := os.ReadFile(corpus + "/base.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, base)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(
			rapid.StringMatching(`[ -~\n\t]{0,30}`),
			rapid.SampledFrom([]string{"yes", "null", "1.5", "- a", "a: b", "# a", "*a", "&a", "%a", "@a", "`a`", "|", "a\n", "\n", " a\n b\n", "é\n", "0x10", "1e3", "~", "=", "<<", "?", "? a"}),
		).Draw(t, "text")
		quoted, err := json.Marshal(want)
		require.NoError(t, err)
		loaded, err := overlay("workers:\n  thumbs:\n    environment:\n      A: " + string(quoted) + "\n    command: [" + string(quoted) + "]\n")
		require.NoError(t, err)
		require.Equal(t, want, loaded.Config.Workers["thumbs"].Environment["A"])
		text, _ := shown(t, loaded)
		var again struct {
			Workers map[string]struct {
				Environment map[string]string
				Command     []string
			}
		}
		require.NoError(t, yaml.Unmarshal([]byte(text), &again), text)
		require.Equal(t, want, again.Workers["thumbs"].Environment["A"], text)
		require.Equal(t, []string{want}, again.Workers["thumbs"].Command, text)
	})
}

func TestEachShownValueHasAnOrigin(t *testing.T) {
	loaded, err := config.Load(config.Options{Dir: ".", Environment: "prod", Set: []string{"budget.monthlyUsd=9"}})
	require.NoError(t, err)
	text, object := shown(t, loaded)
	for path, origin := range object["origins"].(map[string]any) {
		require.Regexp(t, `^(base\.yaml:\d+|prod\.yaml:\d+|default|computed|command line)$`, origin, path)
	}
	require.Contains(t, text, "monthlyUsd: 9                                         # command line\n")
	require.Contains(t, text, "  removal: retain                                       # prod.yaml:45\n")
	require.Contains(t, text, "    gpu: 4                                              # computed\n")
}
