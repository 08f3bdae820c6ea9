package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

// FuzzLoad feeds any text as an overlay, and any override: there is a
// configuration or an error that says where, and never a panic.
func FuzzLoad(f *testing.F) {
	bad, err := filepath.Glob(filepath.Join(corpus, "bad", "*.yaml"))
	require.NoError(f, err)
	for _, file := range append(bad, "base.yaml", "dev.yaml", "prod.yaml") {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text), "workers.thumbs.timeout=2h")
	}
	for _, set := range []string{"", "=", "a=", `"=1`, "name=&a *a", "aws.zones=[", "tags.a={b: c}", `models."a.b".routes[0]=1`, "workers=null"} {
		f.Add("", set)
	}
	for _, text := range []string{"&a [*a]", "a: &a {<<: *a}", "? a", "- ", "%YAML 1.1\n---\n", "a: |\n  b\n c", "workers: {? {a: b} : c}", "!!binary a", ".nan: .inf", "name: !!str 1", "tags: {1: a, null: b}"} {
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, set string) {
		if strings.ContainsAny(set, "\n\r") {
			set = ""
		}
		if set != "" {
			text += "\n# set: " + set + "\n"
		}
		loaded, err := overlay(text)
		if err == nil {
			require.NotNil(t, loaded.Config)
			var out strings.Builder
			require.NoError(t, loaded.WriteYAML(&out))
			require.NoError(t, loaded.WriteJSON(&out))
			return
		}
		var wrong *config.Error
		require.ErrorAs(t, err, &wrong)
		require.NotEmpty(t, wrong.Problems)
		for _, p := range wrong.Problems {
			require.NotEmpty(t, p.Message)
			require.NotEmpty(t, p.Position.File, p.Message)
		}
		require.NotContains(t, err.Error(), "gave up", text)
	})
}
