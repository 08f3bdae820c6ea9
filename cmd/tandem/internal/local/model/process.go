//go:build unix

package model

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Process is a running example.
type Process struct {
	// Endpoint of the model, such as http://127.0.0.1:34567.
	Endpoint string

	command *exec.Cmd
	tail    *tail
	done    chan struct{}
	err     error
}

// Start runs a command line on a free port and returns once it answers /ping.
// What it says goes to log.
func Start(ctx context.Context, args []string, log io.Writer) (*Process, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &Process{Endpoint: "http://127.0.0.1:" + strconv.Itoa(port), tail: &tail{}, done: make(chan struct{})}
	p.command = exec.Command(args[0], args[1:]...)
	p.command.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+strconv.Itoa(port), "PYTHONDONTWRITEBYTECODE=1")
	p.command.Stdout = io.MultiWriter(log, p.tail)
	p.command.Stderr = p.command.Stdout
	p.command.SysProcAttr = ownGroup()
	// A child of it that holds the output must not hold us.
	p.command.WaitDelay = time.Second
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", args[0], err)
	}
	if err := p.ready(ctx); err != nil {
		p.Stop(time.Second)
		return nil, err
	}
	return p, nil
}

// run waits for the process on the thread that started it: Linux kills the
// child when that thread ends.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.command.Start()
	started <- err
	if err == nil {
		p.err = p.command.Wait()
	}
	close(p.done)
}

// ready waits for the first answer to /ping.
func (p *Process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Endpoint+"/ping", nil)
		if err != nil {
			return err
		}
		// A connection that stays open could keep the model from ending.
		request.Close = true
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.done:
			return p.Err()
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer /ping: %w", p.command, context.Cause(ctx))
		}
	}
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended, with its last words, once it is done.
func (p *Process) Err() error {
	return fmt.Errorf("%s has ended: %w\n%s", p.command, orEnded(p.err), p.tail)
}

func orEnded(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// Stop ends the process and what it has started: with SIGTERM, and with SIGKILL
// what is left after grace.
func (p *Process) Stop(grace time.Duration) {
	group := -p.command.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM) // it may have ended by itself
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case <-p.done:
	case <-limit.C:
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.done
}

// freePort asks the system for a port. Another program could take it before
// the model does; the model then fails to start, and says so.
func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// tail keeps the last words of a process.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

// String implements fmt.Stringer.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
