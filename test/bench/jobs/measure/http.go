package measure

import (
	"bufio"
	"bytes"
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
	"syscall"
	"time"

	"tandem/test/bench/report"
)

// The arguments by which this program runs its own halves.
const (
	ServeCommand = "serve"
	LoadCommand  = "load"
)

const (
	loadConnections = 32
	loadFor         = 5 * time.Second
)

// http is a server process with one core and the load from another process.
// The store is the heap, and grows with each submit: what the collector takes
// of the core shows beside a run that collects less often.
func (b *Bench) http(ctx context.Context) ([]Row, error) {
	var clocks, cores []float64
	for range b.Rounds {
		clock, core, err := overHTTP(ctx, "GOGC=100")
		if err != nil {
			return nil, err
		}
		clocks, cores = append(clocks, clock), append(cores, core)
	}
	clock, core := report.Median(clocks), report.Median(cores)
	_, seldom, err := overHTTP(ctx, "GOGC=400")
	if err != nil {
		return nil, err
	}
	return []Row{{
		What:     "submit over HTTP, memory store, a server with one core",
		Measured: fmt.Sprintf("%.0f a second of the server's CPU time, %.0f by the clock", core, clock),
		Beside:   fmt.Sprintf("%.0f a second of CPU time with GOGC=400", seldom),
		Target:   "20,000/s a core", Met: core >= 20_000,
	}}, nil
}

// overHTTP returns the submits a second by the clock and by the server's CPU time.
func overHTTP(ctx context.Context, environ ...string) (clock, core float64, err error) {
	program, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := exec.CommandContext(ctx, program, ServeCommand)
	server.Env = append(append(os.Environ(), "GOMAXPROCS=1"), environ...)
	server.Stderr = os.Stderr
	output, err := server.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := server.Start(); err != nil {
		return 0, 0, err
	}
	defer func() { stop(); _ = server.Wait() }()
	told, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("the server did not start: %w", err)
	}
	before := cpuTime(server.Process.Pid)
	counted, err := exec.CommandContext(ctx, program, append([]string{LoadCommand}, strings.Fields(told)...)...).Output()
	if err != nil {
		return 0, 0, fmt.Errorf("the load ended: %w", err)
	}
	used := cpuTime(server.Process.Pid) - before
	submits, err := strconv.Atoi(strings.TrimSpace(string(counted)))
	if err != nil || used <= 0 {
		return 0, 0, fmt.Errorf("the load counted %q in %v of the server's CPU time", counted, used)
	}
	return float64(submits) / loadFor.Seconds(), float64(submits) / used.Seconds(), nil
}

// Serve answers on a free port until the context ends, and tells address and key.
func Serve(ctx context.Context, told io.Writer) error {
	handler, key, err := memoryAPI(ctx)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(told, listener.Addr(), key)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Load submits to an address with a key over connections that are kept, and
// prints how many were accepted. It parses as little as it can, and asks its
// connections in turns rather than sleep until one has an answer: the server
// would be charged for waking it, 5 to 10 us a submit between two processors of
// a virtual machine, which is no part of accepting a job.
func Load(args []string, told io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: load ADDRESS KEY")
	}
	request := []byte("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + args[1] +
		"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(shortJob)) + "\r\n\r\n" + shortJob)
	var lines []*loadLine
	for range loadConnections {
		line, err := dialLoad(args[0])
		if err != nil {
			return err
		}
		defer line.Close()
		lines = append(lines, line)
	}
	accepted, answer := 0, make([]byte, 4096)
	for until := time.Now().Add(loadFor); time.Now().Before(until); {
		for _, line := range lines {
			if !line.asked {
				if _, err := line.Write(request); err != nil {
					return err
				}
				line.asked = true
				continue
			}
			// An answer is one small write of the server's.
			n, err := line.poll(answer)
			switch {
			case errors.Is(err, syscall.EAGAIN):
				continue
			case err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 202")):
				return fmt.Errorf("the server answered %q: %w", answer[:max(n, 0)], err)
			}
			accepted++
			line.asked = false
		}
	}
	fmt.Fprintln(told, accepted)
	return nil
}

// loadLine is a connection with one request under way at most.
type loadLine struct {
	net.Conn
	raw   syscall.RawConn
	asked bool
}

func dialLoad(address string) (*loadLine, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	raw, err := connection.(*net.TCPConn).SyscallConn()
	if err != nil {
		connection.Close()
		return nil, err
	}
	return &loadLine{Conn: connection, raw: raw}, nil
}

// poll reads what is there; EAGAIN where nothing is.
func (l *loadLine) poll(into []byte) (n int, err error) {
	failed := l.raw.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), into)
		return true
	})
	return n, errors.Join(err, failed)
}

// cpuTime is what a process has used so far, to a hundredth of a second.
func cpuTime(pid int) time.Duration {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// After the name in brackets come the fields from the third on; utime and
	// stime are the 14th and 15th (proc_pid_stat(5)), in hundredths of a second.
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var total time.Duration
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0
		}
		total += time.Duration(ticks) * 10 * time.Millisecond
	}
	return total
}
