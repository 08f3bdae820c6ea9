package openaiclient

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Local starts local mode by a built command line, in the checkout at root and
// without anybody's keys, and returns where it is, and a key. It stops with the
// test.
func Local(t testing.TB, root, binary string) (url, key string) {
	t.Helper()
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
	return ready.URL, ready.Key
}
