package assembly_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/assembly"
)

func TestTheAppIsRunWithTheEnvironmentAndAFolder(t *testing.T) {
	root, into := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "cdk.json"), []byte("{}"), 0o600))
	app := assembly.Synthesiser{Root: root, Command: []string{"sh", "-c", `echo "$@" > "$CDK_OUTDIR/args"`, "app"}, Environ: os.Environ()}
	require.NoError(t, app.Run(t.Context(), "prod", into, "config=other"))
	said, err := os.ReadFile(filepath.Join(into, "args"))
	require.NoError(t, err)
	require.Equal(t, "-c env=prod -c nag=false -c config=other\n", string(said))
}

func TestWhatTheAppSaysIsToldWhenItFails(t *testing.T) {
	root := t.TempDir()
	app := assembly.Synthesiser{Root: root, Command: []string{"sh", "-c", "echo base.yaml:3: wrong >&2; exit 1"}, Environ: os.Environ()}
	require.ErrorContains(t, app.Run(t.Context(), "prod", t.TempDir()), "there is no cdk.json here")
	require.NoError(t, os.WriteFile(filepath.Join(root, "cdk.json"), []byte("{}"), 0o600))
	err := app.Run(t.Context(), "prod", t.TempDir())
	require.ErrorContains(t, err, "synthesising prod")
	require.ErrorContains(t, err, "base.yaml:3: wrong")
}
