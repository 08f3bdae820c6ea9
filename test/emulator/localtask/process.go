package localtask

import (
	"context"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// process is a container that was started.
type process struct {
	container Container
	command   *exec.Cmd
	exited    chan struct{}
}

func start(container Container, program Program, environ []string, output *lines) (*process, error) {
	// Not bound to a context: the task outlives the call that starts it.
	command := exec.Command(program.Path, append(slices.Clone(program.Args), container.Command...)...)
	command.Env = environ
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	writer := &lineWriter{name: container.Name, to: output}
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{container: container, command: command, exited: make(chan struct{})}
	go func() {
		_ = command.Wait()
		output.printf(container.Name, "ended: %s", command.ProcessState)
		close(p.exited)
	}()
	return p, nil
}

// exitCode is 128 and the signal's number for a program that a signal ended.
func (p *process) exitCode() (code int, ended bool) {
	select {
	case <-p.exited:
	default:
		return 0, false
	}
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), true
	}
	return p.command.ProcessState.ExitCode(), true
}

// signal reaches the program and whatever it started, unless it has ended.
func (p *process) signal(signal syscall.Signal) {
	if _, ended := p.exitCode(); !ended {
		_ = syscall.Kill(-p.command.Process.Pid, signal)
	}
}

// stop ends a program as ECS does.
func (p *process) stop(ctx context.Context) {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(p.container.StopTimeout)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
	case <-ctx.Done():
	}
	p.signal(syscall.SIGKILL)
	<-p.exited
}
