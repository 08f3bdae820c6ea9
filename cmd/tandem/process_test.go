package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary be the program.
const asProgram = "TANDEM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the program as a process.
type program struct {
	command *exec.Cmd
	out     *bufio.Reader
	err     bytes.Buffer
}

// start runs the program in the root of the repository.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{command: exec.Command(os.Args[0], args...)}
	p.command.Dir, p.command.Env = "../..", append(os.Environ(), asProgram+"=1")
	out, err := p.command.StdoutPipe()
	require.NoError(t, err)
	p.out, p.command.Stderr = bufio.NewReader(out), &p.err
	require.NoError(t, p.command.Start())
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	return p
}

// stop interrupts the program as Ctrl-C does and returns its exit code.
func (p *program) stop(t *testing.T) int {
	t.Helper()
	require.NoError(t, p.command.Process.Signal(syscall.SIGINT))
	_ = p.command.Wait() // its code is looked at
	return p.command.ProcessState.ExitCode()
}
