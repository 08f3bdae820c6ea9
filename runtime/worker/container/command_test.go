package container_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/container"
)

// shell runs a script as the worker's command, in a folder that must be empty afterwards.
func shell(t *testing.T, script string, log io.Writer) *container.Command {
	t.Helper()
	dir := t.TempDir()
	command, err := container.NewCommand(container.CommandOptions{
		Args: []string{"/bin/sh", "-c", script}, Environ: []string{"PATH=" + os.Getenv("PATH"), "KEPT=yes"}, Dir: dir, Log: log,
	})
	require.NoError(t, err)
	require.NoError(t, command.Ping(t.Context()))
	t.Cleanup(func() {
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "each job's folder is removed")
	})
	return command
}

func run(t *testing.T, command *container.Command, call container.Call) (string, error) {
	t.Helper()
	answer, err := command.Invoke(t.Context(), call)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	result, err := io.ReadAll(answer.Body)
	return string(result), err
}

func TestACommandReadsItsInputAndWritesItsResult(t *testing.T) {
	input := func() container.Call { return container.Call{Job: "job-1", Input: strings.NewReader("hello")} }
	for name, script := range map[string]string{
		"on standard input and output": `tr a-z A-Z`,
		"in files":                     `tr a-z A-Z < {input} > {result}; echo chatter`,
		"from a file":                  `tr a-z A-Z < {input}`,
		"to a file":                    `tr a-z A-Z > {result}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := run(t, shell(t, script, nil), input())
			require.NoError(t, err)
			require.Equal(t, "HELLO", got)
		})
	}
}

func TestACommandIsToldItsJobByVariables(t *testing.T) {
	got, err := run(t, shell(t, `echo $TANDEM_JOB_ID $TANDEM_ATTEMPT $TANDEM_API $TANDEM_TENANT $TANDEM_DEADLINE $KEPT; test -d $TANDEM_JOB_DIR`, nil),
		container.Call{Job: "job-1", Attempt: 3, Tenant: "acme", API: "http://127.0.0.1:9410/v1", Deadline: time.Unix(0, 0)})
	require.NoError(t, err)
	require.Equal(t, "job-1 3 http://127.0.0.1:9410/v1 acme 1970-01-01T00:00:00Z yes\n", got)
}

func TestAResultLargerThanThePipeSurvivesAnEarlyExit(t *testing.T) {
	command := shell(t, `head -c 1000000 /dev/zero`, nil)
	answer, err := command.Invoke(t.Context(), container.Call{Job: "j"})
	require.NoError(t, err)
	defer answer.Body.Close()
	time.Sleep(200 * time.Millisecond)
	whole, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Len(t, whole, 1000000)
}

func TestACommandThatFailsLeavesNoResult(t *testing.T) {
	for name, row := range map[string]struct {
		script string
		status int
	}{
		"an exit code":                     {`echo half; echo broken >&2; exit 3`, 3},
		"an exit code with a result file":  {`echo half > {result}; echo broken >&2; exit 4`, 4},
		"a signal":                         {`echo broken >&2; kill -SEGV $$`, 128 + int(syscall.SIGSEGV)},
		"success without the result file":  {`true {result}`, 0},
		"a command that cannot be started": {`exec /does/not/exist 2>/dev/null`, 127},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			_, err := run(t, shell(t, row.script, &log), container.Call{Job: "j"})
			var failure *container.Failure
			require.ErrorAs(t, err, &failure)
			require.Equal(t, row.status, failure.Status)
			if strings.Contains(row.script, "broken") {
				require.Equal(t, "broken\n", failure.Text)
				require.Contains(t, log.String(), "broken")
			}
		})
	}
}

func TestStopIsSIGTERM(t *testing.T) {
	stop := make(chan struct{})
	command := shell(t, `trap 'echo saved; exit 0' TERM; echo ready; while true; do sleep 0.02; done`, nil)
	answer, err := command.Invoke(t.Context(), container.Call{Job: "j", Stop: stop})
	require.NoError(t, err)
	defer answer.Body.Close()
	_, err = io.ReadFull(answer.Body, make([]byte, len("ready\n")))
	require.NoError(t, err)
	close(stop)
	rest, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "saved\n", string(rest))
}

func TestTheContextKillsTheCommandWithItsChildren(t *testing.T) {
	for name, end := range map[string]func(cancel context.CancelCauseFunc, body io.Closer){
		"by cancelling": func(cancel context.CancelCauseFunc, _ io.Closer) { cancel(errors.New("attempt timed out")) },
		"by closing":    func(_ context.CancelCauseFunc, body io.Closer) { body.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			command := shell(t, `trap '' TERM; sleep 300 & echo $!; wait`, nil)
			answer, err := command.Invoke(ctx, container.Call{Job: "j"})
			require.NoError(t, err)
			line := make([]byte, 16)
			n, err := answer.Body.Read(line)
			require.NoError(t, err)
			child, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
			require.NoError(t, err)
			end(cancel, answer.Body)
			_, err = io.ReadAll(answer.Body)
			require.Error(t, err)
			require.NoError(t, answer.Body.Close())
			require.Eventually(t, func() bool { return gone(child) }, 5*time.Second, 10*time.Millisecond)
		})
	}
}

func TestChildrenOfACommandThatEndedAreKilled(t *testing.T) {
	got, err := run(t, shell(t, `sleep 300 >/dev/null 2>&1 & echo $!`, nil), container.Call{Job: "j"})
	require.NoError(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(got))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gone(child) }, 5*time.Second, 10*time.Millisecond)
}

func TestAResultIsWholeHoweverLateItIsRead(t *testing.T) {
	answer, err := shell(t, `head -c 50000 /dev/zero`, nil).Invoke(t.Context(), container.Call{Job: "j"})
	require.NoError(t, err)
	defer answer.Body.Close()
	time.Sleep(2500 * time.Millisecond)
	whole, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Len(t, whole, 50000)
}

func TestADaemonLeftBehindDoesNotHoldTheAttempt(t *testing.T) {
	started := time.Now()
	got, err := run(t, shell(t, `setsid sleep 20 & echo done`, nil), container.Call{Job: "j"})
	require.NoError(t, err)
	require.Equal(t, "done\n", got)
	require.Less(t, time.Since(started), 10*time.Second)
}

func TestABrokenInputKillsTheCommandRatherThanCutItShort(t *testing.T) {
	broken := errors.New("bucket is gone")
	for name, script := range map[string]string{"on standard input": `cat; sleep 60; exit 0`, "in a file": `cat {input}`} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			defer func() { require.Less(t, time.Since(started), 30*time.Second) }()
			_, err := run(t, shell(t, script, nil), container.Call{Job: "j", Input: io.MultiReader(strings.NewReader("x"), failing{broken})})
			require.ErrorIs(t, err, broken)
		})
	}
}

func TestACommandThatIsNotThereIsFoundBeforeTheFirstJob(t *testing.T) {
	_, err := container.NewCommand(container.CommandOptions{})
	require.ErrorContains(t, err, "command")
	command, err := container.NewCommand(container.CommandOptions{Args: []string{filepath.Join(t.TempDir(), "none")}})
	require.NoError(t, err)
	require.Error(t, command.Ping(t.Context()))
}

// gone says whether a process has ended, be it still waited for.
func gone(pid int) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(raw), ") Z ")
}
