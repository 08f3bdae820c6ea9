package measure_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/bench/agent/measure"
)

func TestAReportGoesBetweenItsMarkersAlone(t *testing.T) {
	document := filepath.Join(t.TempDir(), "benchmarks.md")
	require.NoError(t, os.WriteFile(document, []byte("before\n<!-- agent: begin -->\nold\n<!-- agent: end -->\nafter\n"), 0o600))
	require.NoError(t, measure.Insert(document, "new"))
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	require.Equal(t, "before\n<!-- agent: begin -->\nnew\n<!-- agent: end -->\nafter\n", string(raw))

	require.NoError(t, os.WriteFile(document, []byte("no markers"), 0o600))
	require.ErrorContains(t, measure.Insert(document, "new"), "lacks the markers")
}
