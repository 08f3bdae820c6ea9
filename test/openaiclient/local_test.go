package openaiclient_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

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

	server := exec.CommandContext(t.Context(), binary, "local", "--port=0", "--json")
	server.Dir, server.Env = root, append(os.Environ(), "OPENAI_API_KEY=", "ANTHROPIC_API_KEY=", "OPENAI_BASE_URL=")
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	server.WaitDelay = 10 * time.Second
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait() // its end is not what is tested
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var ready struct{ URL, Key string }
	require.NoError(t, json.Unmarshal(line, &ready))
	openaiclient.Run(t, openaiclient.Target{URL: ready.URL, Key: ready.Key, Model: "analyst", Embedder: "embedder", Overflow: "runs"})
}
