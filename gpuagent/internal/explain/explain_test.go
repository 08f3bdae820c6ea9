package explain_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/checks"
	"tandem/gpuagent/internal/explain"
	"tandem/gpuagent/internal/xid"
	"tandem/test/checkout"
)

func load(t *testing.T, overrides string) *xid.Table {
	t.Helper()
	table, err := xid.Load(overrides)
	require.NoError(t, err)
	return table
}

func TestWhatIsExplained(t *testing.T) {
	for reason, says := range map[string][]string{
		"XID_79":     {"GPU has fallen off the bus", "IMPAIRED", "REPLACE", "DRAINING", "calls it fatal", "RESTART_BM"},
		"31":         {"GPU memory page fault", "application", "unchanged", "nothing"},
		"xid 109":    {"disputed", "verdict decides"},
		"XID_999":    {"unknown", "nothing"},
		"SXID_22003": {"NVSwitch", "always fatal", "node"},
		"gpu lost":   {"GPU_LOST", "next boot", "source"},
		"NO_GPU":     {"device_count"},
	} {
		t.Run(reason, func(t *testing.T) {
			text, err := explain.Reason(load(t, ""), reason)
			require.NoError(t, err)
			for _, each := range says {
				require.Contains(t, text, each)
			}
		})
	}
}

func TestEachReasonHasAnExplanation(t *testing.T) {
	for _, check := range checks.All(load(t, "")) {
		for _, reason := range check.Doc().Reasons {
			if strings.Contains(reason.Name, "…") {
				continue
			}
			text, err := explain.Reason(load(t, ""), reason.Name)
			require.NoError(t, err)
			require.Contains(t, text, reason.Means)
		}
	}
}

func TestSettingsAreExplainedAsTheyApply(t *testing.T) {
	text, err := explain.Reason(load(t, `{"79": "observe"}`), "XID_79")
	require.NoError(t, err)
	require.Contains(t, text, "settings overrule")
	require.Contains(t, text, "unchanged")
}

func TestAnUnknownReasonNamesThoseThereAre(t *testing.T) {
	_, err := explain.Reason(load(t, ""), "TIRED")
	require.ErrorContains(t, err, "GPU_LOST")
	require.ErrorContains(t, err, "XID_<code>")
}

// TestTheGuideHasTheTablesOfTheProgram compares docs/gpu-agent.md with the
// tables; TANDEM_UPDATE=1 writes them.
func TestTheGuideHasTheTablesOfTheProgram(t *testing.T) {
	root, err := checkout.Root()
	require.NoError(t, err)
	path := filepath.Join(root, "docs", "gpu-agent.md")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	table := load(t, "")
	guide := string(raw)
	for name, text := range map[string]string{"checks": explain.Checks(table), "xids": explain.Xids(table), "sxids": explain.SXids(table)} {
		guide = replace(t, guide, name, text)
	}
	if os.Getenv("TANDEM_UPDATE") != "" {
		require.NoError(t, os.WriteFile(path, []byte(guide), 0o644))
		return
	}
	require.Equal(t, string(raw), guide, "run 'TANDEM_UPDATE=1 go test ./gpuagent/internal/explain' and read the diff")
}

func replace(t *testing.T, guide, name, text string) string {
	t.Helper()
	begin, end := fmt.Sprintf("<!-- %s: begin -->\n", name), fmt.Sprintf("<!-- %s: end -->", name)
	before, rest, found := strings.Cut(guide, begin)
	require.True(t, found, "the guide has no marker %s", begin)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "the guide has no marker %s", end)
	return before + begin + "\n" + strings.TrimSpace(text) + "\n\n" + end + after
}
