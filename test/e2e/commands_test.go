package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The command line finds the deployment by its name, makes a key, and uses it.
func TestTheCommandLineServesADeployment(t *testing.T) {
	need(t)
	d := deploy(t)
	d.startTask(t)

	t.Run("a smoke test proves it and leaves nothing", func(t *testing.T) {
		var steps []struct {
			Step, Found string
			OK          bool
		}
		d.cli(t, &steps, "smoke", "--worker", worker)
		for _, step := range steps {
			require.True(t, step.OK, steps)
		}
		var keys []any
		d.cli(t, &keys, "keys", "list")
		require.Empty(t, keys)
	})
	t.Run("the doctor finds no fault", func(t *testing.T) {
		var lines []struct{ Check, Result, Found string }
		d.cli(t, &lines, "doctor", "--after")
		for _, line := range lines {
			t.Log(line.Check, line.Result, line.Found)
			require.NotEqual(t, "fail", line.Result, line)
		}
	})
	t.Run("a key submits, watches, fetches and is revoked", func(t *testing.T) {
		var made struct{ Key, ID string }
		d.cli(t, &made, "keys", "create", "--tenant=acme")
		t.Setenv("TANDEM_API_KEY", made.Key)
		file := filepath.Join(t.TempDir(), "long.txt")
		require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("One word. "), 100_000), 0o600))
		id := strings.TrimSpace(d.tell(t, "jobs", "submit", "--worker="+worker, "--input="+file))
		d.tell(t, "jobs", "watch", id)
		var result struct{ Words int }
		require.NoError(t, json.Unmarshal([]byte(d.tell(t, "jobs", "result", id)), &result))
		require.Equal(t, 200_000, result.Words)

		waiting := strings.TrimSpace(d.tell(t, "jobs", "submit", "--worker=video-agent", "--data={}"))
		d.tell(t, "jobs", "cancel", waiting)
		require.Equal(t, waiting+"\n", d.tell(t, "jobs", "redrive", "--tenant=acme", "--state=cancelled"))
		require.Contains(t, d.tell(t, "jobs", "list", "--state=queued"), waiting)
		d.tell(t, "keys", "revoke", made.ID)
	})
}

// tell runs the command line against the emulator and returns what it prints.
func (d *deployment) tell(t *testing.T, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), d.tandem, append(arguments, "--env", "dev")...)
	command.Dir, command.Env = d.root, append(os.Environ(), d.Emulator.Environ()...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	require.NoError(t, command.Run(), "%s\n%s", strings.Join(arguments, " "), &stderr)
	return stdout.String()
}
