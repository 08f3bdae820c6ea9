package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/emulator/session"
)

// Dev is deployed, used and destroyed by the other tests. This one shows that
// the stacks of all other environments deploy too, one that a user adds
// included, and says what of them the emulator does without.
func TestEveryOtherEnvironmentIsDeployed(t *testing.T) {
	need(t)
	root, err := checkout.Root()
	require.NoError(t, err)
	d := &deployment{root: root, folder: t.TempDir()}
	overlays, err := filepath.Glob(filepath.Join(root, "config", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, overlays)
	for _, overlay := range overlays {
		environment := strings.TrimSuffix(filepath.Base(overlay), ".yaml")
		if environment == "base" || environment == "dev" {
			continue
		}
		t.Run(environment, func(t *testing.T) {
			s, err := session.Open(t.Context(), session.Options{
				Synthesised: d.synthesiseEnvironment(t, environment), Environment: environment,
				Output: t.Output(), Update: os.Getenv("TANDEM_UPDATE") != "",
			})
			require.NoError(t, err)
			require.NoError(t, s.Close())
		})
	}
}
