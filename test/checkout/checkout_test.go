package checkout_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
)

func TestTheRootIsTheFolderOfGoMod(t *testing.T) {
	root, err := checkout.Root()
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(root, "test", "checkout", "checkout_test.go"))
}

func TestThereIsNoRootOutsideAModule(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := checkout.Root()
	require.ErrorContains(t, err, "no go.mod in")
}

func TestAToolIsFoundOnceItIsInstalled(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o600))
	t.Chdir(root)

	_, err := checkout.Tool(checkout.Ministack)
	require.ErrorIs(t, err, checkout.ErrNotInstalled)
	require.ErrorContains(t, err, "make setup")

	require.NoError(t, os.MkdirAll(filepath.Join(root, ".venv", "bin"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, ".venv", "bin", "ministack"), nil, 0o600))
	tool, err := checkout.Tool(checkout.Ministack)
	require.NoError(t, err)
	require.FileExists(t, tool)
}
