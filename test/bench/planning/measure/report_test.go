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

func TestAStreamIsTimedAndItsMemoryLookedAt(t *testing.T) {
	done, err := stream(t.Context(), 1<<20)
	require.NoError(t, err)
	require.Greater(t, done.arrived, 25_000)
	require.Positive(t, done.took)
	require.Positive(t, done.memory)
	rows := rowsOf(streamed{270_000_000, 90 * time.Second, 65 << 20}, 10)
	require.Equal(t, "the same from a CSV of 10 GB, 270 million arrivals, read as a stream", rows[0].What)
	require.Equal(t, "3.00 million a second, 1m30s in all", rows[0].Measured)
	require.True(t, rows[0].Met)
	require.False(t, rows[1].Met)
}
