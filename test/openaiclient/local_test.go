package openaiclient_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/openaiclient"
)

func TestOpenAIsClientWorksAgainstLocalMode(t *testing.T) {
	checkout.Need(t, checkout.OpenAIClient)
	root, err := checkout.Root()
	require.NoError(t, err)
	binary := filepath.Join(t.TempDir(), "tandem")
	build := exec.Command("go", "build", "-o", binary, "./cmd/tandem")
	build.Dir = root
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	url, key := openaiclient.Local(t, root, binary)
	openaiclient.Run(t, openaiclient.Target{URL: url, Key: key, Model: "analyst", Embedder: "embedder", Overflow: "runs"})
}
