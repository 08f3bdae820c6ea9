package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"tandem/test/checkout"
	"tandem/test/emulator"
	"tandem/test/emulator/assembly"
)

// Options of a deployment.
type Options struct {
	// Emulator to deploy to. Required.
	Emulator *emulator.Emulator
	// Assembly, adapted to the emulator. Required.
	Assembly *assembly.Assembly
	// Output takes what the CDK's command line prints. Default: it is shown
	// only in the error of a failed command.
	Output io.Writer
	// Timeout of one stack: a custom resource that fails on the emulator is
	// waited for without end. Default: 2 min.
	Timeout time.Duration
}

func (o Options) timeout() time.Duration {
	if o.Timeout == 0 {
		return 2 * time.Minute
	}
	return o.Timeout
}

// Up deploys all stacks and returns what is there then.
func Up(ctx context.Context, options Options) (*Deployed, error) {
	if err := bootstrap(ctx, options.Emulator); err != nil {
		return nil, err
	}
	deployed := &Deployed{emulator: options.Emulator}
	for _, stack := range options.Assembly.Stacks {
		err := run(ctx, options, "deploying stack "+stack.ID, "deploy", stack.ID, "--exclusively", "--require-approval", "never",
			"--method", "direct", "--progress", "events")
		if err != nil {
			return nil, err
		}
		if err := deployed.read(ctx, stack); err != nil {
			return nil, err
		}
	}
	return deployed, nil
}

// Down deletes all stacks, last first.
func Down(ctx context.Context, options Options) error {
	for _, stack := range slices.Backward(options.Assembly.Stacks) {
		if err := run(ctx, options, "deleting stack "+stack.ID, "destroy", stack.ID, "--exclusively", "--force"); err != nil {
			return err
		}
	}
	return nil
}

// run runs the CDK's command line within the timeout.
func run(ctx context.Context, options Options, doing string, arguments ...string) error {
	cdk, err := checkout.Tool(checkout.CDK)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	node, err := checkout.Tool(checkout.Node)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	// A folder without a cdk.json; the command line also keeps its cache there.
	app, err := filepath.Abs(options.Assembly.Folder)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	home := app + ".home"
	if err := os.MkdirAll(home, 0o755); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	ctx, cancel := context.WithTimeout(ctx, options.timeout())
	defer cancel()

	arguments = append(arguments, "--app", app, "--no-notices", "--no-version-reporting")
	command := exec.CommandContext(ctx, node, append([]string{cdk}, arguments...)...)
	// No variable of the caller's but what finds programs.
	command.Dir = home
	command.Env = append(options.Emulator.Environ(),
		"PATH="+filepath.Dir(node)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+home, "CI=true", "NO_COLOR=1", "CDK_DISABLE_CLI_TELEMETRY=true")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	tail := &lastWords{}
	command.Stdout = io.Writer(tail)
	if options.Output != nil {
		command.Stdout = options.Output
	}
	command.Stderr = command.Stdout
	err = command.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("not done after %s", options.timeout())
	}
	if err != nil {
		return fmt.Errorf("%s on the emulator: %w\n%s\nthe emulator's log ends with\n%s", doing, err, tail, options.Emulator.LogTail(15))
	}
	return nil
}

// lastWords keeps the end of what is written to it.
type lastWords struct{ kept []byte }

// keep is how much of a failed command's output its error shows, in bytes.
const keep = 4000

func (l *lastWords) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p...)
	if excess := len(l.kept) - keep; excess > 0 {
		l.kept = l.kept[excess:]
	}
	return len(p), nil
}

func (l *lastWords) String() string { return string(l.kept) }
