// Package process runs one program again and again, whatever is done to it.
package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Options of a process. Name, Path and Log are required.
type Options struct {
	// Name in logs and reports.
	Name string
	// Path of the binary.
	Path string
	// Args of each start.
	Args []string
	// Environ is its whole environment.
	Environ []string
	// Log takes what it writes to standard error, and lines that Line does not want.
	Log io.Writer
	// Line is given each line of its standard output. Defaults to Log.
	Line func(line []byte)
	// Exited is told of each end, before the next start.
	Exited func(Exit)
}

// Exit is the end of one run of the program.
type Exit struct {
	At time.Time
	// Status as a shell tells it: 137 for SIGKILL.
	Status int
}

// Process is a program that runs or is about to run again.
type Process struct {
	options Options

	mutex   sync.Mutex
	command *exec.Cmd
	exited  chan struct{}
	since   time.Time
}

// New makes a process that does not run yet.
func New(options Options) *Process { return &Process{options: options} }

// Name of the process.
func (p *Process) Name() string { return p.options.Name }

// Start runs the program. It returns when it has been started, with a channel
// that is closed when it has ended.
func (p *Process) Start() (exited <-chan struct{}, err error) {
	command := exec.Command(p.options.Path, p.options.Args...) //nolint:noctx // Kill ends it
	command.Env = p.options.Environ
	command.Stderr = p.options.Log
	command.SysProcAttr = ownGroup()
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.options.Name, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.options.Name, err)
	}
	done := make(chan struct{})
	p.mutex.Lock()
	p.command, p.exited, p.since = command, done, time.Now()
	p.mutex.Unlock()
	go p.watch(command, stdout, done)
	return done, nil
}

func (p *Process) watch(command *exec.Cmd, stdout io.Reader, done chan struct{}) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if p.options.Line != nil {
			p.options.Line(lines.Bytes())
			continue
		}
		_, _ = p.options.Log.Write(append(lines.Bytes(), '\n'))
	}
	_ = command.Wait() // the status is read from the state
	if p.options.Exited != nil {
		p.options.Exited(Exit{At: time.Now(), Status: status(command.ProcessState)})
	}
	close(done)
}

func status(state *os.ProcessState) int {
	if wait, ok := state.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal())
	}
	return state.ExitCode()
}

// Signal reaches the running program; false if none runs.
func (p *Process) Signal(signal syscall.Signal) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.command == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return p.command.Process.Signal(signal) == nil
	}
}

// Running tells whether the program runs, and since when.
func (p *Process) Running() (since time.Time, running bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.command == nil {
		return time.Time{}, false
	}
	select {
	case <-p.exited:
		return time.Time{}, false
	default:
		return p.since, true
	}
}

// Done is closed when the present run has ended; nil before the first start.
func (p *Process) Done() <-chan struct{} {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.exited
}
