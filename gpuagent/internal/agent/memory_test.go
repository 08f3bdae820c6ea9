package agent_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
)

func memory() agent.Memory {
	at := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	return agent.Memory{
		Boot: "boot-1", LastEvent: at, Acting: act.Memory{Phase: act.Draining, Since: at, Reason: "XID_79"},
		Findings: []health.Standing{{Finding: finding.Finding{
			Check: "xid", Reason: "XID_79", GPU: 2, UUID: "GPU-c", Severity: finding.Impaired, Action: finding.Replace, Evidence: "Xid 79", Sticky: true,
		}, Since: at, Last: at, Count: 3}},
	}
}

func TestAMemoryIsReadBackOnTheSameBoot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.json")
	require.NoError(t, agent.WriteMemory(path, memory()))
	read, err := agent.ReadMemory(path, "boot-1")
	require.NoError(t, err)
	require.Equal(t, memory(), read)
}

func TestAMemoryThatDoesNotApplyIsEmpty(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "memory.json")
	require.NoError(t, agent.WriteMemory(path, memory()))
	broken, huge := filepath.Join(folder, "broken"), filepath.Join(folder, "huge")
	require.NoError(t, os.WriteFile(broken, []byte(`{"boot":"boot-1","findings":[`), 0o600))
	require.NoError(t, os.WriteFile(huge, make([]byte, 2<<20), 0o600))
	for name, row := range map[string]struct {
		path, boot string
		fails      bool
	}{
		"after a reboot":                       {path, "boot-2", false},
		"on a kernel that does not say":        {path, "", false},
		"where there was none":                 {filepath.Join(folder, "none"), "boot-1", false},
		"of which half was written":            {broken, "boot-1", true},
		"that is larger than any agent writes": {huge, "boot-1", true},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := agent.ReadMemory(row.path, row.boot)
			require.Equal(t, row.fails, err != nil, "%v", err)
			require.Equal(t, agent.Memory{Boot: row.boot}, read)
		})
	}
}

func TestAMemoryThatCannotBeWrittenSaysWhere(t *testing.T) {
	err := agent.WriteMemory(filepath.Join(t.TempDir(), "none", "memory.json"), memory())
	require.ErrorContains(t, err, "memory.json")
}
