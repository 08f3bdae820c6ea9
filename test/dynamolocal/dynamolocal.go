// Package dynamolocal starts AWS's own DynamoDB Local for tests. It comes from
// Maven Central and needs Java 17; where that is missing, tests are skipped with
// a word about why.
package dynamolocal

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// shared is the server of a test binary that has called Run.
var shared struct {
	mu      sync.Mutex
	wanted  bool
	running *server
}

// Run runs the tests of a package that share one server, and returns the exit
// status: func TestMain(m *testing.M) { os.Exit(dynamolocal.Run(m)) }.
func Run(m *testing.M) int {
	shared.wanted = true
	status := m.Run()
	if shared.running != nil {
		shared.running.stop()
	}
	return status
}

// Start returns the endpoint of a DynamoDB Local in memory: the one that the
// package's tests share, or else one that runs until the test ends.
func Start(tb testing.TB) string {
	tb.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.running != nil {
		return shared.running.endpoint
	}
	started := start(tb)
	if shared.wanted {
		shared.running = started
	} else {
		tb.Cleanup(started.stop)
	}
	return started.endpoint
}

// server is a running DynamoDB Local.
type server struct {
	endpoint string
	process  *os.Process
}

func (s *server) stop() { _ = s.process.Kill() }

func start(tb testing.TB) *server {
	tb.Helper()
	java, err := exec.LookPath("java")
	if err != nil {
		tb.Skip("DynamoDB Local needs Java 17 or later, and there is no java in the PATH")
	}
	jars, err := fetch()
	if err != nil {
		tb.Skipf("DynamoDB Local could not be fetched from Maven Central: %v", err)
	}
	port, err := freePort()
	if err != nil {
		tb.Fatalf("looking for a free port: %v", err)
	}
	command := exec.CommandContext(context.Background(), java, "-Xmx256m", "-Djava.library.path="+jars, "-cp", filepath.Join(jars, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port))
	log := &strings.Builder{}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		tb.Fatalf("starting DynamoDB Local: %v", err)
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	started := &server{endpoint: "http://" + address, process: command.Process}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	if err := answer(address, ended); err != nil {
		started.stop()
		tb.Fatalf("starting DynamoDB Local: %v\n%s", err, log)
	}
	return started
}

// fetch returns the folder with the jars, filled once per machine.
func fetch() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	pom := filepath.Join(filepath.Dir(file), "pom.xml")
	content, err := os.ReadFile(pom)
	if err != nil {
		return "", err
	}
	_, version, _ := strings.Cut(string(content), "<artifactId>DynamoDBLocal</artifactId>")
	_, version, _ = strings.Cut(version, "<version>")
	version, _, _ = strings.Cut(version, "</version>")
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	jars := filepath.Join(cache, "tandem", "dynamodb-local", version)
	if _, err := os.Stat(jars); err == nil {
		return jars, nil
	}
	if err := os.MkdirAll(filepath.Dir(jars), 0o755); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(filepath.Dir(jars), "fetching-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(partial) }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, "mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies",
		"-DincludeScope=runtime", "-DoutputDirectory="+partial).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mvn: %w: %s", err, output)
	}
	// Two test binaries may fetch at once: the first to finish wins.
	if err := os.Rename(partial, jars); err != nil {
		if _, found := os.Stat(jars); found != nil {
			return "", err
		}
	}
	return jars, nil
}

func freePort() (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// answer waits until the server takes requests.
func answer(address string, ended <-chan error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("it ended at once: %w", err)
		case <-limit:
			return fmt.Errorf("no answer from %s within a minute", address)
		case <-tick.C:
			connection, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
			if err == nil {
				return connection.Close()
			}
		}
	}
}
