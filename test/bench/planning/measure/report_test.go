package measure

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheTableReplacesWhatStandsBetweenItsMarkers(t *testing.T) {
	table := render([]row{inTime("cost", took{61 * time.Millisecond, 40 * time.Millisecond}, costTarget), inTime("advise", took{51 * time.Millisecond, 0}, adviseTarget), {What: "start", Measured: "9 ms"}},
		time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC), "1, 2, 3")
	require.Contains(t, table, "2026-11-24 11:00 UTC, ")
	require.Contains(t, table, "| cost | 61.0 ms (40.0 ms of CPU time) | 200.0 ms | yes |\n| advise | 51.0 ms (0.0 ms of CPU time) | 50.0 ms | **no** |\n| start | 9 ms |  |  |\n")

	file := filepath.Join(t.TempDir(), "benchmarks.md")
	require.NoError(t, os.WriteFile(file, []byte("a\n<!-- planning: begin -->\nold\n<!-- planning: end -->\nb\n"), 0o600))
	require.NoError(t, Insert(file, table))
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "a\n<!-- planning: begin -->\n"+table+"<!-- planning: end -->\nb\n", string(written))
	require.NoError(t, os.WriteFile(file, []byte("a\n"), 0o600))
	require.ErrorContains(t, Insert(file, table), "has no place for the table")
}
