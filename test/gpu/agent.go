package gpu

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tandem/test/checkout"
)

// Agent is a health agent that runs on this machine.
type Agent struct {
	command *exec.Cmd
	address string
	// Status is its node status file.
	Status string
}

// StartAgent builds and starts the agent in observe mode, with its files in folder.
func StartAgent(ctx context.Context, folder string, environment ...string) (*Agent, error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, fmt.Errorf("building the agent: %w", err)
	}
	binary := filepath.Join(folder, "gpuagent")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./gpuagent")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS=-O2 -g -Wno-deprecated-declarations")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the agent: %w: %s", err, output)
	}
	return RunAgent(ctx, binary, folder, environment...)
}

// RunAgent starts an agent that is built, with its files in folder.
func RunAgent(ctx context.Context, binary, folder string, environment ...string) (*Agent, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the agent: %w", err)
	}
	agent := &Agent{address: listener.Addr().String(), Status: filepath.Join(folder, "node-status.json")}
	_ = listener.Close()
	log, err := os.Create(filepath.Join(folder, "agent.log"))
	if err != nil {
		return nil, fmt.Errorf("starting the agent: %w", err)
	}
	defer func() { _ = log.Close() }()
	agent.command = exec.CommandContext(ctx, binary)
	agent.command.Stdout, agent.command.Stderr = log, log
	agent.command.Env = append(append(os.Environ(), "TANDEM_AGENT_ADDRESS="+agent.address, "TANDEM_NODE_STATUS_FILE="+agent.Status), environment...)
	if err := agent.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the agent: %w", err)
	}
	return agent, nil
}

// Stop tells it to end, and waits.
func (a *Agent) Stop() error {
	if err := a.command.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stopping the agent: %w", err)
	}
	return a.command.Wait()
}

// Get reads one of its pages.
func (a *Agent) Get(ctx context.Context, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.address+path, nil)
	if err != nil {
		return "", fmt.Errorf("asking the agent: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("asking the agent: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("asking the agent for %s: status %d: %w", path, response.StatusCode, err)
	}
	return string(body), nil
}

// Sample is one value of a metric.
type Sample struct {
	Name   string
	Labels map[string]string
	Value  float64
}

var (
	sampleForm = regexp.MustCompile(`^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	labelForm  = regexp.MustCompile(`([A-Za-z_]+)="((?:[^"\\]|\\.)*)"`)
)

// Metrics scrapes it.
func (a *Agent) Metrics(ctx context.Context) ([]Sample, error) {
	body, err := a.Get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	return Samples(body), nil
}

// Samples of a page in Prometheus's text format.
func Samples(page string) []Sample {
	var samples []Sample
	for scanner := bufio.NewScanner(strings.NewReader(page)); scanner.Scan(); {
		parts := sampleForm.FindStringSubmatch(scanner.Text())
		if parts == nil {
			continue
		}
		value, err := strconv.ParseFloat(parts[3], 64)
		if err != nil {
			continue
		}
		sample := Sample{Name: parts[1], Labels: map[string]string{}, Value: value}
		for _, label := range labelForm.FindAllStringSubmatch(parts[2], -1) {
			sample.Labels[label[1]] = label[2]
		}
		samples = append(samples, sample)
	}
	return samples
}

// Usage is what a process holds and has used.
type Usage struct {
	// Resident memory in bytes.
	Resident int64
	// CPU time.
	CPU time.Duration
}

// Usage of the agent now.
func (a *Agent) Usage() (Usage, error) { return UsageOf(a.command.Process.Pid) }

// UsageOf a process now. Its CPU time is summed over its threads, which the kernel
// counts in nanoseconds; a program written in Go keeps its threads.
func UsageOf(pid int) (Usage, error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	memory, err := os.ReadFile(filepath.Join(folder, "statm"))
	if err != nil {
		return Usage{}, fmt.Errorf("measuring process %d: %w", pid, err)
	}
	fields := strings.Fields(string(memory))
	if len(fields) < 2 {
		return Usage{}, fmt.Errorf("measuring process %d: %s/statm has %d fields", pid, folder, len(fields))
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return Usage{}, fmt.Errorf("measuring process %d: %w", pid, err)
	}
	usage := Usage{Resident: pages * int64(os.Getpagesize())}
	threads, err := filepath.Glob(filepath.Join(folder, "task", "*", "schedstat"))
	if err != nil || len(threads) == 0 {
		return Usage{}, fmt.Errorf("measuring process %d: the kernel counts no CPU time of its threads", pid)
	}
	for _, thread := range threads {
		raw, err := os.ReadFile(thread)
		if err != nil {
			continue
		}
		nanoseconds, _, _ := strings.Cut(string(raw), " ")
		spent, err := strconv.ParseInt(nanoseconds, 10, 64)
		if err != nil {
			return Usage{}, fmt.Errorf("measuring process %d: %w", pid, err)
		}
		usage.CPU += time.Duration(spent)
	}
	return usage, nil
}
