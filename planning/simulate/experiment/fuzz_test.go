package experiment

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a scenario says, it is an error with words, or can be told and built.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(raw))
	}
	f.Add(small)
	f.Add("")
	o := options(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Read("s.yaml", []byte(text), o)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.NotEmpty(t, e.facts())
		require.NoError(t, e.fleet(1, nil).Validate())
		_, file, err := e.source(1)
		require.NoError(t, err)
		require.NoError(t, file.Close())
	})
}
