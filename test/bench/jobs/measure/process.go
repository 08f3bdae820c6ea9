package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"tandem/test/checkout"
)

// build compiles a main package as it is shipped, for an architecture.
func build(ctx context.Context, folder, architecture, output string) error {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", output, "./"+folder)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", folder, err, said)
	}
	return nil
}

// process is a worker's process.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
	log     *os.File
}

// startWorker runs the worker's program with an environment.
func startWorker(binary string, environ ...string) (*process, error) {
	return startProcess(binary, nil, environ)
}

func startProcess(binary string, arguments, environ []string) (*process, error) {
	log, err := os.CreateTemp("", "bench-log-*")
	if err != nil {
		return nil, err
	}
	// Not bound to a context: it is killed, or told to end, in its time.
	p := &process{command: exec.Command(binary, arguments...), ended: make(chan struct{}), log: log} //nolint:noctx // stop ends it
	p.command.Env = environ
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		log.Close()
		return nil, err
	}
	go func() { _ = p.command.Wait(); close(p.ended) }()
	return p, nil
}

// stop kills it: what is measured is over.
func (p *process) stop() {
	_ = p.command.Process.Kill()
	<-p.ended
	p.log.Close()
	_ = os.Remove(p.log.Name())
}

// said is the end of its log, for an error.
func (p *process) said() string {
	raw, _ := os.ReadFile(p.log.Name())
	return string(raw[max(0, len(raw)-2000):])
}

// memory returns a line of /proc/PID/status in MiB, such as VmRSS or VmHWM.
func (p *process) memory(line string) (float64, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	for text := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(text, ":"); name == line {
			kibibytes, err := strconv.Atoi(strings.Fields(value)[0])
			return float64(kibibytes) / 1024, err
		}
	}
	return 0, errors.New("no " + line + " in /proc/PID/status")
}

// noResult is what the container that does nothing answers.
const noResult = `{"ok":true}`

// startContainer serves the SageMaker contract in this process; the caller stops it.
func startContainer(ctx context.Context, invoke http.HandlerFunc) (endpoint string, stop func(), err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /invocations", invoke)
	return startServer(ctx, mux)
}

// startServer serves on a free port until it is stopped.
func startServer(ctx context.Context, handler http.Handler) (endpoint string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until it is closed
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

func doNothing(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, noResult)
}

// freeAddress is one that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// until waits for something to become true.
func until(ctx context.Context, limit, every time.Duration, is func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		done, err := is()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it did not happen within %v: %w", limit, ctx.Err())
		case <-time.After(every):
		}
	}
}
