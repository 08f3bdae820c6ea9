//go:build unix

package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// drainLimit is how long a pipe may stay silent after its process ended: a
// daemon that the command left behind may hold the other end open.
const drainLimit = 2 * time.Second

type process struct {
	args       []string
	environ    []string
	input      *source
	log        io.Writer
	stop       <-chan struct{}
	needStdout bool
}

// running is a process group. Only the pipe of standard output is the
// worker's: data that the command wrote before it ended is still read after
// it, at whatever pace the result is stored.
type running struct {
	command *exec.Cmd
	stdout  *os.File
	ended   chan struct{}
	err     error
}

func start(ctx context.Context, p process) (*running, error) {
	command := exec.Command(p.args[0], p.args[1:]...)
	command.Env = p.environ
	command.SysProcAttr = groupOfItsOwn()
	// A daemon that holds standard error must not hold the attempt.
	command.WaitDelay = drainLimit
	errorTail := &tail{}
	command.Stderr = io.MultiWriter(p.log, errorTail)
	stdinReader, stdinWriter, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.args[0], err)
	}
	defer stdinReader.Close()
	command.Stdin = stdinReader
	r := &running{command: command, ended: make(chan struct{})}
	if p.needStdout {
		var stdoutWriter *os.File
		if r.stdout, stdoutWriter, err = os.Pipe(); err != nil {
			stdinWriter.Close()
			return nil, fmt.Errorf("starting %s: %w", p.args[0], err)
		}
		defer stdoutWriter.Close()
		command.Stdout = stdoutWriter
	} else {
		command.Stdout = p.log
	}
	if err := command.Start(); err != nil {
		stdinWriter.Close()
		if r.stdout != nil {
			r.stdout.Close()
		}
		return nil, fmt.Errorf("starting %s: %w", p.args[0], err)
	}
	go r.feed(p.input, stdinWriter)
	go r.supervise(ctx, p, errorTail)
	return r, nil
}

// feed copies the input; a store that fails kills the command, lest it take a
// part of the input for the whole.
func (r *running) feed(input *source, stdin *os.File) {
	defer stdin.Close()
	_, _ = io.Copy(stdin, input)
	if input.failed() != nil {
		r.kill()
	}
}

func (r *running) supervise(ctx context.Context, p process, errorTail *tail) {
	exited := make(chan error, 1)
	go func() { exited <- r.command.Wait() }()
	var err error
	stop := p.stop
	for waiting := true; waiting; {
		select {
		case err = <-exited:
			waiting = false
		case <-stop:
			stop = nil
			r.signal(syscall.SIGTERM)
		case <-ctx.Done():
			r.kill()
			err = <-exited
			waiting = false
		}
	}
	// Children that outlive the command would hold the GPU.
	r.kill()
	r.err = verdict(ctx, p.input, err, errorTail)
	if r.stdout != nil {
		// A read that already waits is woken; those that follow set their own.
		_ = r.stdout.SetReadDeadline(time.Now().Add(drainLimit))
	}
	close(r.ended)
}

func verdict(ctx context.Context, input *source, err error, errorTail *tail) error {
	if cause := input.failed(); cause != nil {
		return fmt.Errorf("reading the input: %w", cause)
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("running the command: %w", context.Cause(ctx))
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("running the command: %w", err)
	}
	failure := &Failure{Status: exit.ExitCode(), Text: errorTail.String(), What: "the command exited with"}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		failure.Status, failure.What = 128+int(status.Signal()), "the command was ended by a signal:"
	}
	return failure
}

func (r *running) read(p []byte) (int, error) {
	select {
	case <-r.ended:
		_ = r.stdout.SetReadDeadline(time.Now().Add(drainLimit))
	default:
	}
	n, err := r.stdout.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

func (r *running) wait() error {
	<-r.ended
	return r.err
}

func (r *running) kill() { r.signal(syscall.SIGKILL) }

// signal reaches the whole group; that it is already gone is no error. Once
// all have ended nothing is sent: the number may be another group's by then.
func (r *running) signal(signal syscall.Signal) {
	select {
	case <-r.ended:
		return
	default:
	}
	_ = syscall.Kill(-r.command.Process.Pid, signal)
}
