// Package program is the agent's command line: it reads the settings, builds
// the parts and serves until it is told to stop, or answers one question.
package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tandem/runtime/settings"
)

// Options of a run.
type Options struct {
	// Arguments without the program's name: none, or a command.
	Arguments []string
	// Environ in the form of [os.Environ].
	Environ []string
	// Output takes the log, as JSON, or what a command prints. Required.
	Output io.Writer
	// Version of the build.
	Version string
	// Metadata is the endpoint of the instance metadata, Introspection that of the
	// ECS agent, and KernelLog the path of the log. Default to what the
	// environment says, and the host's.
	Metadata, Introspection, KernelLog string
	// Library is the path of NVML's. Defaults to the host's.
	Library string
}

// The commands.
const (
	commandCheck   = "check"
	commandExplain = "explain"
	commandVersion = "version"
)

// usage is printed for anything that is no command.
const usage = `gpuagent watches the GPUs of one host.

  gpuagent                  run it; settings come from the environment
  gpuagent health           ask the one that runs here whether it lives
  gpuagent check            look once and print what is found: exit 0 if all is well, 1 if something is sick, 2 if too little is known
  gpuagent explain REASON   say what a reason or a code means, such as XID_79 or GPU_LOST, and what is done about it
  gpuagent version          print the version
`

// Code is an error that only sets the exit code: what there is to say was said.
type Code int

// Error implements error.
func (c Code) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// unchecked is a check that could not be made: too little is known.
type unchecked struct{ error }

// Unwrap returns what failed.
func (u unchecked) Unwrap() error { return u.error }

// Exit returns the code with which a run ends, and what is still to be said.
func Exit(err error) (code int, message string) {
	var said Code
	var failed unchecked
	switch {
	case err == nil:
		return 0, ""
	case errors.As(err, &said):
		return int(said), ""
	case errors.As(err, &failed):
		return int(exitUnknown), err.Error()
	default:
		return 1, err.Error()
	}
}

// Run does what the arguments say.
func Run(ctx context.Context, options Options) error {
	config, err := settings.Load[settings.Agent](options.Environ)
	if err != nil {
		return err
	}
	options.Metadata = cmp.Or(options.Metadata, config.Metadata)
	options.Introspection = cmp.Or(options.Introspection, config.Introspection)
	options.KernelLog = cmp.Or(options.KernelLog, config.KernelLog)
	if len(options.Arguments) == 0 {
		return serve(ctx, config, options)
	}
	switch command, rest := options.Arguments[0], options.Arguments[1:]; {
	case command == commandExplain:
		return explainReason(options.Output, config, strings.Join(rest, " "))
	case len(rest) > 0:
		return fmt.Errorf("gpuagent %s: unknown argument %q\n\n%s", command, rest[0], usage)
	case command == settings.AgentHealth:
		return ask(ctx, config.Address)
	case command == commandCheck:
		return check(ctx, config, options)
	case command == commandVersion, command == "--version":
		_, err := fmt.Fprintln(options.Output, options.Version)
		return err
	case command == "help", command == "--help", command == "-h":
		_, err := fmt.Fprint(options.Output, usage)
		return err
	default:
		return fmt.Errorf("gpuagent: unknown command %q\n\n%s", command, usage)
	}
}
