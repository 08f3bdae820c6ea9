package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tandem/test/checkout"
)

// Options of an emulator. The zero value is an emulator in us-east-1.
type Options struct {
	// Region that unsigned requests are taken for. Default: us-east-1.
	Region string
	// Account id, 12 digits. Default: 000000000000.
	Account string
	// Port on 127.0.0.1. Default: a free one.
	Port int
	// Folder for the log and the emulator's temporary files. Default: a new
	// one, which Stop removes.
	Folder string
	// StartTimeout is how long the emulator may take to answer. Default: 30 s.
	StartTimeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = 30 * time.Second
	}
	return o
}

// Emulator is a running emulator. It ends with Stop, and on Linux at the latest
// with the process that started it.
type Emulator struct {
	options   Options
	temporary bool
	command   *exec.Cmd
	exited    chan struct{}
}

// Start starts an emulator and returns when it answers. It fails with
// [checkout.ErrNotInstalled] before `make setup`.
func Start(ctx context.Context, options Options) (*Emulator, error) {
	options = options.withDefaults()
	program, err := checkout.Tool(checkout.Ministack)
	if err != nil {
		return nil, fmt.Errorf("starting the AWS emulator: %w", err)
	}
	e := &Emulator{options: options}
	if e.options.Folder == "" {
		e.temporary = true
		if e.options.Folder, err = os.MkdirTemp("", "emulator-"); err != nil {
			return nil, fmt.Errorf("starting the AWS emulator: %w", err)
		}
	}
	if e.options.Port == 0 {
		if e.options.Port, err = freePort(ctx); err != nil {
			return nil, fmt.Errorf("starting the AWS emulator: %w", err)
		}
	}
	if err := e.start(program); err != nil {
		return nil, fmt.Errorf("starting the AWS emulator: %w", err)
	}
	if err := e.awaitHealth(ctx); err != nil {
		err = fmt.Errorf("starting the AWS emulator: %w\n%s", err, e.LogTail(20))
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

func (e *Emulator) start(program string) error {
	folder, err := filepath.Abs(e.options.Folder)
	if err != nil {
		return err
	}
	e.options.Folder = folder
	if err := os.MkdirAll(e.scratch(), 0o700); err != nil {
		return err
	}
	log, err := os.Create(e.LogFile())
	if err != nil {
		return err
	}
	defer log.Close()
	// Not bound to a context: the emulator outlives the call that starts it.
	e.command = exec.Command(program)
	e.command.Env = e.serverEnviron()
	e.command.Dir = e.options.Folder
	e.command.Stdout, e.command.Stderr = log, log
	e.command.SysProcAttr = ownGroup()
	if err := e.command.Start(); err != nil {
		return err
	}
	e.exited = make(chan struct{})
	go func() {
		_ = e.command.Wait()
		close(e.exited)
	}()
	return nil
}

// serverEnviron is the emulator's whole environment. Functions that it runs
// inherit it, so nothing of the caller's but PATH is in it.
func (e *Emulator) serverEnviron() []string {
	return append(e.Environ(),
		"PATH="+os.Getenv("PATH"),
		"HOME="+e.options.Folder,
		"TMPDIR="+e.scratch(),
		"PYTHONUNBUFFERED=1",
		"GATEWAY_PORT="+strconv.Itoa(e.options.Port),
		"BIND_HOST=127.0.0.1",
		"IOT_MTLS_ENABLED=0",
		"MINISTACK_ACCOUNT_ID="+e.options.Account,
		"MINISTACK_REGION="+e.options.Region,
		// Functions come and go with a test: a crowd of them must not linger.
		"LAMBDA_WARM_TTL_SECONDS=60",
	)
}

func (e *Emulator) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.options.StartTimeout)
	defer cancel()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		if e.serving() && e.healthy(ctx) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-e.exited:
			return fmt.Errorf("it ended at once: %s", e.command.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("it did not answer within %s: %w", e.options.StartTimeout, ctx.Err())
		}
	}
}

// serving reads from the log that it is this process that has the port: an
// answer may come from another emulator, while this one is about to give up.
func (e *Emulator) serving() bool {
	return strings.Contains(e.LogTail(5), "Running on "+e.Endpoint())
}

func (e *Emulator) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint()+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Stop ends the emulator and the functions that it runs, and returns when it is gone.
func (e *Emulator) Stop() error {
	stopGroup(e.command.Process, e.exited)
	if e.temporary {
		if err := os.RemoveAll(e.options.Folder); err != nil {
			return fmt.Errorf("removing the AWS emulator's files: %w", err)
		}
	}
	return nil
}

// PID is the emulator's process.
func (e *Emulator) PID() int { return e.command.Process.Pid }

// Exited is closed when the emulator has ended, by Stop or by itself.
func (e *Emulator) Exited() <-chan struct{} { return e.exited }

func (e *Emulator) scratch() string { return filepath.Join(e.options.Folder, "tmp") }

// freePort asks the kernel for a port that nobody listens on. Another process
// may take it in the meantime; the emulator then ends at once, and says so.
func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
