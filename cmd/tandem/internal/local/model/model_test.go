//go:build unix

package model_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/local/model"
)

func has(programs ...string) func(string) (string, error) {
	return func(name string) (string, error) {
		for _, program := range programs {
			if program == name {
				return exec.LookPath(name)
			}
		}
		return "", exec.ErrNotFound
	}
}

func invoke(t *testing.T, endpoint, input string) string {
	t.Helper()
	response, err := http.Post(endpoint+"/invocations", "application/json", strings.NewReader(input))
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
	return string(body)
}

func TestTheExampleThatCanRunHereRuns(t *testing.T) {
	for name, programs := range map[string][]string{
		"in Python where there is Python": {"python3", "go"},
		"in Go where there is only Go":    {"go"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, program := range programs {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("there is no %s here", program)
				}
			}
			example, err := model.Find(".", has(programs...))
			require.NoError(t, err)
			args, err := example.Prepare(t.Context(), t.TempDir())
			require.NoError(t, err)
			process, err := model.Start(t.Context(), args, io.Discard)
			require.NoError(t, err)
			t.Cleanup(func() { process.Stop(5 * time.Second) })
			if programs[0] == "python3" {
				require.Contains(t, invoke(t, process.Endpoint, example.Input), `"words": 7`)
			}
		})
	}
}

func TestWhereNoExampleCanRunTheReasonIsSaid(t *testing.T) {
	_, err := model.Find(".", has())
	require.ErrorIs(t, err, model.ErrNone)
	require.ErrorContains(t, err, "--model")
	_, err = model.Find(t.TempDir(), has("python3"))
	require.ErrorIs(t, err, model.ErrNone)
	require.ErrorContains(t, err, "copy of the repository")
}

func TestAModelThatDoesNotStartSaysItsLastWords(t *testing.T) {
	var log bytes.Buffer
	_, err := model.Start(t.Context(), []string{"sh", "-c", "echo no GPU; exit 3"}, &log)
	require.ErrorContains(t, err, "no GPU")
	var status *exec.ExitError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 3, status.ExitCode())
	require.Equal(t, "no GPU\n", log.String())

	_, err = model.Start(t.Context(), []string{filepath.Join(t.TempDir(), "absent")}, &log)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAModelThatIgnoresTheSignalIsKilledWithItsChildren(t *testing.T) {
	server := `import http.server, os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
print("child", child.pid, flush=True)
class H(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()`
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	var log bytes.Buffer
	process, err := model.Start(t.Context(), []string{python, "-c", server}, &log)
	require.NoError(t, err)
	_, said, found := strings.Cut(log.String(), "child ")
	require.True(t, found, log.String())
	child, err := strconv.Atoi(strings.TrimSpace(said))
	require.NoError(t, err)
	began := time.Now()
	process.Stop(100 * time.Millisecond)
	require.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond)
	require.Eventually(t, func() bool { return errors.Is(syscall.Kill(child, 0), syscall.ESRCH) || zombie(child) }, 5*time.Second, 10*time.Millisecond)
}

// zombie tells whether a process has ended and only waits for its parent.
func zombie(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(string(out), "Z")
}
