package checks_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/stacks/checks"
)

func TestDocumentIsWhatTheRulesSay(t *testing.T) {
	const file = "../../docs/checks.md"
	if *update || os.Getenv("TANDEM_UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, []byte(checks.Document()), 0o644))
	}
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	written, wanted := strings.Split(string(raw), "\n"), strings.Split(checks.Document(), "\n")
	for i, line := range wanted {
		if i >= len(written) || written[i] != line {
			t.Fatalf("%s differs from the rules in line %d, which should be:\n%s\nwrite it anew with: go test ./stacks/checks -run TestDocument -update", file, i+1, line)
		}
	}
	require.True(t, slices.Equal(written, wanted), "%s has lines that no rule says", file)
}
