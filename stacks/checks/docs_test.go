package checks_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/stacks/checks"
)

func TestDocumentIsWhatTheRulesSay(t *testing.T) {
	const file = "../../docs/checks.md"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(checks.Document()), 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, checks.Document(), string(written), "write it anew with: go test ./stacks/checks -run TestDocument -update")
}
