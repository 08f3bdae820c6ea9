package scenario_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/scenario"
)

func TestTheAgentDoesWhatTheScenariosSay(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 40)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			script, err := scenario.Parse(string(raw))
			require.NoError(t, err)
			require.Contains(t, string(raw), "expect", "a scenario that expects nothing shows nothing")
			synctest.Test(t, func(t *testing.T) {
				require.NoError(t, script.Run(synctest.Wait))
			})
		})
	}
}
