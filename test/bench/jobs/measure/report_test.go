package measure

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheTableTakesThePlaceOfTheOldOneAndNothingElse(t *testing.T) {
	name := filepath.Join(t.TempDir(), "benchmarks.md")
	require.NoError(t, os.WriteFile(name, []byte("# Jobs\n<!-- jobs: begin -->\nold\n<!-- jobs: end -->\nmore\n"), 0o600))
	require.NoError(t, Insert(name, "new\n"))
	document, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "# Jobs\n<!-- jobs: begin -->\nnew\n<!-- jobs: end -->\nmore\n", string(document))

	require.NoError(t, os.WriteFile(name, []byte("# Jobs\n"), 0o600))
	require.ErrorContains(t, Insert(name, "new\n"), "no place for the table")
	require.Error(t, Insert(filepath.Join(t.TempDir(), "absent.md"), "new"))
}

func TestATargetThatWasMissedStandsOut(t *testing.T) {
	table := render([]Row{{What: "a", Measured: "1", Target: "2", Met: true}, {What: "b", Measured: "3", Target: "2"}, {What: "c", Measured: "4"}},
		time.Now(), "0.1")
	require.Contains(t, table, "| a | 1 |  | 2 | yes |\n")
	require.Contains(t, table, "| b | 3 |  | 2 | **no** |\n")
	require.Contains(t, table, "| c | 4 |  |  |  |\n")
}
