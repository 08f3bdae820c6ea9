package program

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"tandem/runtime/settings"
)

// Streams are what the program is given by its caller.
type Streams struct {
	// Environ as os.Environ returns it.
	Environ []string
	// Stdout takes the log, and what commands print in exec mode.
	Stdout io.Writer
	// Stderr takes what commands complain about in exec mode, and usage.
	Stderr io.Writer
	// Version of the build.
	Version string
	// Now is the machine's own clock, which may be wrong by minutes. Defaults to time.Now.
	Now func() time.Time
}

// Main runs one command and returns the exit status: 1 for a failure, 2 for a
// command that there is not.
func Main(ctx context.Context, args []string, streams Streams) int {
	if streams.Now == nil {
		streams.Now = time.Now
	}
	command := "run"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch {
	case command == "run" && len(args) == 0:
		err = run(ctx, streams)
	case command == settings.WorkerFetch && len(args) == 0:
		err = fetch(ctx, streams)
	case command == settings.WorkerWarm && len(args) == 0:
		err = warm(ctx, streams)
	case command == settings.WorkerInstall && len(args) == 1:
		err = install(args[0])
	case command == settings.WorkerHealth && len(args) == 0:
		err = health(ctx, streams)
	case command == "version" && len(args) == 0:
		fmt.Fprintln(streams.Stdout, streams.Version)
	default:
		fmt.Fprintln(streams.Stderr, "usage: worker [run | fetch | warm | install PATH | health | version]")
		return 2
	}
	if err != nil {
		logger(streams, "info").Error("the worker ends with an error", "command", command, "error", err)
		return 1
	}
	return 0
}

func logger(streams Streams, level string) *slog.Logger {
	var parsed slog.Level
	// A level that does not exist must not keep a worker from working.
	_ = parsed.UnmarshalText([]byte(level))
	return slog.New(slog.NewJSONHandler(streams.Stdout, &slog.HandlerOptions{Level: parsed}))
}
