package program_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/program"
	"tandem/runtime/nodestatus"
)

// output is a log that two goroutines may write to.
type output struct {
	mutex sync.Mutex
	text  []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.text = append(o.text, p...)
	return len(p), nil
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return string(o.text)
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// host is a machine of files and servers of the test's own.
type host struct {
	program.Options
	file, log string
	announce  func(spot bool)
}

func newHost(t *testing.T) *host {
	t.Helper()
	var mutex sync.Mutex
	announced := false
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		switch {
		case r.Method == http.MethodPut:
			_, _ = w.Write([]byte("token"))
		case strings.HasSuffix(r.URL.Path, "spot/instance-action") && announced:
			_, _ = w.Write([]byte(`{"action":"terminate","time":"2026-11-24T08:22:00Z"}`))
		case strings.HasSuffix(r.URL.Path, "instance-identity/document"):
			_, _ = w.Write([]byte(`{"instanceId":"i-1","instanceType":"g5.xlarge","region":"us-east-1"}`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(metadata.Close)
	folder := t.TempDir()
	h := &host{file: filepath.Join(folder, "status", "node.json"), log: filepath.Join(folder, "kmsg")}
	require.NoError(t, os.WriteFile(h.log, nil, 0o600))
	h.Options = program.Options{
		Environ: []string{"TANDEM_AGENT_ADDRESS=" + freeAddress(t), "TANDEM_NODE_STATUS_FILE=" + h.file},
		Output:  &output{}, Version: "1.2.3", Metadata: metadata.URL, Introspection: metadata.URL, KernelLog: h.log,
		Library: filepath.Join(folder, "none.so"),
	}
	h.announce = func(spot bool) {
		mutex.Lock()
		defer mutex.Unlock()
		announced = spot
	}
	return h
}

// say writes a line into the kernel log.
func (h *host) say(t *testing.T, line string) {
	t.Helper()
	file, err := os.OpenFile(h.log, os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString(line + "\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// run the agent; the returned function stops it as ECS does.
func (h *host) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(ctx, h.Options) }()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

// becomes waits until the status file is as wanted, and returns how long that took.
func (h *host) becomes(t *testing.T, what string, is func(nodestatus.Status) bool) time.Duration {
	t.Helper()
	began := time.Now()
	require.Eventually(t, func() bool {
		status, err := nodestatus.Read(h.file)
		return err == nil && is(status)
	}, 10*time.Second, 2*time.Millisecond, what)
	return time.Since(began)
}

func (h *host) with(arguments ...string) program.Options {
	options := h.Options
	options.Arguments, options.Output = arguments, &output{}
	return options
}

func TestOnAHostWithoutADriverTheAgentLivesAndSaysThatItKnowsTooLittle(t *testing.T) {
	h := newHost(t)
	stop := h.run(t)
	h.becomes(t, "it has looked", func(s nodestatus.Status) bool { return s.State == nodestatus.InsufficientData })
	require.NoError(t, program.Run(t.Context(), h.with("health")))
	stop()
	require.Error(t, program.Run(t.Context(), h.with("health")), "nobody answers any more")
}

func TestALineOfTheKernelReachesTheFile(t *testing.T) {
	h := newHost(t)
	stop := h.run(t)
	defer stop()
	h.becomes(t, "it has looked", func(s nodestatus.Status) bool { return s.State == nodestatus.InsufficientData })
	h.say(t, "NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.")
	took := h.becomes(t, "it is told", func(s nodestatus.Status) bool { return s.State == nodestatus.Impaired && s.Reasons[0] == "XID_79" })
	t.Logf("from the line in a file that is polled each 50 ms to the status file: %s", took)
	require.Less(t, took, 5*time.Second)
}

func TestASpotNoticeReachesTheFile(t *testing.T) {
	h := newHost(t)
	stop := h.run(t)
	defer stop()
	h.becomes(t, "it has looked", func(s nodestatus.Status) bool { return s.State == nodestatus.InsufficientData })
	h.announce(true)
	took := h.becomes(t, "it is told", func(s nodestatus.Status) bool { return s.Spot != nil })
	t.Logf("from the notice to the status file: %s", took)
	require.Less(t, took, 5*time.Second, "a busy machine has longer; 1.1 s is what it takes")
}

func TestTheNextAgentKnowsWhatTheOneBeforeFound(t *testing.T) {
	if _, err := os.Stat("/proc/sys/kernel/random/boot_id"); err != nil {
		t.Skip("this machine does not tell its boots apart")
	}
	h := newHost(t)
	stop := h.run(t)
	h.say(t, "NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, name=python, GPU has fallen off the bus.")
	sick := func(s nodestatus.Status) bool { return s.State == nodestatus.Impaired }
	h.becomes(t, "it is sick", sick)
	stop()
	require.NoError(t, os.WriteFile(h.log, nil, 0o600))
	require.NoError(t, os.Remove(h.file))
	stop = h.run(t)
	defer stop()
	h.becomes(t, "it still is", sick)
}

func TestCheckSaysWhatItFindsByTableAndExitCode(t *testing.T) {
	h := newHost(t)
	check := func() (string, int) {
		options := h.with("check")
		code, message := program.Exit(program.Run(t.Context(), options))
		require.Empty(t, message)
		return options.Output.(*output).String(), code
	}
	text, code := check()
	require.Equal(t, 2, code)
	require.Contains(t, text, "DRIVER_MISSING")
	require.Contains(t, text, "instance type g5.xlarge")
	h.say(t, "NVRM: Xid (PCI:0000:00:1e): 31, pid=1, name=python, Ch 00000009")
	text, code = check()
	require.Equal(t, 2, code)
	require.Contains(t, text, "XID_31")
	h.say(t, "NVRM: Xid (PCI:0000:00:1e): 79, pid=1, name=python, GPU has fallen off the bus.")
	text, code = check()
	require.Equal(t, 1, code)
	require.Regexp(t, `host +IMPAIRED +XID_79 +REPLACE`, text)
}

func TestACheckThatCannotBeMadeKnowsTooLittle(t *testing.T) {
	h := newHost(t)
	options := h.with("check")
	options.Environ = append(options.Environ, "TANDEM_AGENT_XIDS=79")
	code, message := program.Exit(program.Run(t.Context(), options))
	require.Equal(t, 2, code)
	require.Contains(t, message, "overrides of Xids")
}

func TestWhatIsPrinted(t *testing.T) {
	h := newHost(t)
	for command, says := range map[string]string{
		"version": "1.2.3\n", "help": "gpuagent explain REASON", "explain XID_79": "GPU has fallen off the bus", "explain gpu lost": "GPU_LOST",
	} {
		options := h.with(strings.Fields(command)...)
		require.NoError(t, program.Run(t.Context(), options), command)
		require.Contains(t, options.Output.(*output).String(), says, command)
	}
}

func TestWhatMakesNoSenseIsRefusedWithAWord(t *testing.T) {
	for name, row := range map[string]struct {
		arguments []string
		setting   string
		says      string
	}{
		"an unknown command":               {[]string{"reset"}, "", `unknown command "reset"`},
		"an argument too many":             {[]string{"check", "now"}, "", `unknown argument "now"`},
		"an unknown reason":                {[]string{"explain", "TIRED"}, "", "GPU_LOST"},
		"an unknown mode":                  {nil, "TANDEM_AGENT_MODE=attack", `not "attack"`},
		"protection without a cluster":     {nil, "TANDEM_AGENT_MODE=protect", "set the cluster's name"},
		"overrides that are none":          {nil, "TANDEM_AGENT_XIDS=79", "overrides of Xids"},
		"a log level that there is not":    {nil, "TANDEM_LOG_LEVEL=loud", "log level"},
		"an address that cannot be opened": {nil, "TANDEM_AGENT_ADDRESS=192.0.2.1:1", "listening"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			options := h.with(row.arguments...)
			if row.setting != "" {
				options.Environ = append(options.Environ, row.setting)
			}
			code, message := program.Exit(program.Run(t.Context(), options))
			require.Equal(t, 1, code)
			require.Contains(t, message, row.says)
		})
	}
}

func TestTheWholeJudgementIsServed(t *testing.T) {
	h := newHost(t)
	stop := h.run(t)
	defer stop()
	h.becomes(t, "it has looked", func(s nodestatus.Status) bool { return s.State == nodestatus.InsufficientData })
	address := strings.TrimPrefix(h.Environ[0], "TANDEM_AGENT_ADDRESS=")
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + address + "/v1/health")
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		var answer struct{ State, Reason string }
		return json.NewDecoder(response.Body).Decode(&answer) == nil && answer.State == "INSUFFICIENT_DATA" && answer.Reason == "DRIVER_MISSING"
	}, 10*time.Second, 10*time.Millisecond)
}
