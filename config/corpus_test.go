package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

var update = flag.Bool("update", false, "write what is expected anew")

const (
	corpus        = "../test/testdata/config"
	updateCommand = "go test ./config -run TestEachWrongFile -update"
)

// overlay loads a text as the overlay "wrong" of the corpus's base; its
// '# set:' comments are overrides.
func overlay(text string) (*config.Loaded, error) {
	base, err := os.ReadFile(filepath.Join(corpus, "base.yaml"))
	if err != nil {
		return nil, err
	}
	var set []string
	for line := range strings.Lines(text) {
		if expression, ok := strings.CutPrefix(line, "# set: "); ok {
			set = append(set, strings.TrimSpace(expression))
		}
	}
	return config.Load(config.Options{
		Environment: "wrong",
		FS:          fstest.MapFS{"base.yaml": {Data: base}, "wrong.yaml": {Data: []byte(text)}},
		Set:         set,
	})
}

func TestTheBaseOfTheCorpusIsRight(t *testing.T) {
	_, err := overlay("")
	require.NoError(t, err)
}

func TestEachWrongFileHasItsMessage(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "bad", "*.yaml"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 45)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = overlay(string(text))
			var wrong *config.Error
			require.ErrorAs(t, err, &wrong)

			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644))
				return
			}
			want, err := os.ReadFile(golden)
			if errors.Is(err, os.ErrNotExist) {
				t.Fatalf("no expected message: look at it after %s", updateCommand)
			}
			require.NoError(t, err)
			require.Equal(t, string(want), wrong.Error()+"\n", "if this is better: %s", updateCommand)
		})
	}
}

func TestEachRuleHasAFileThatFiresIt(t *testing.T) {
	messages, err := filepath.Glob(filepath.Join(corpus, "bad", "*.txt"))
	require.NoError(t, err)
	fired := map[string]bool{}
	for _, file := range messages {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if _, name, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), "]"), " ["); ok {
				fired[name] = true
			}
		}
	}
	for _, rule := range config.Rules() {
		require.True(t, fired[rule.Name], "no file under test/testdata/config/bad fires the rule %s", rule.Name)
	}
}
