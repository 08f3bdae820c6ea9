package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// root lists the commands. Each is a struct in a file of its own with a Run
// method, which gets by type whatever of context.Context and streams it asks
// for.
type root struct {
	Config configCommands `cmd:"" help:"Check and show a configuration."`
}

// streams are what a command reads and writes: data goes to out, what is said
// about it to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitCode leaves kong, which knows only how to exit.
type exitCode int

// run is the whole program, less the process: it returns the exit code. 0 is
// success, 1 that something is wrong, 2 that the command line is.
func run(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		if left := recover(); left != nil {
			exit, ok := left.(exitCode)
			if !ok {
				panic(left)
			}
			code = int(exit)
		}
	}()
	parser, err := kong.New(&root{},
		kong.Name("tandem"),
		kong.Description("AI applications on AWS: requests, GPU jobs and own models behind one API."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exitCode(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.UsageOnError(),
		kong.Bind(s),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintf(s.err, "tandem: the commands are put together wrongly: %v\n", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		var wrong *kong.ParseError
		if errors.As(err, &wrong) {
			_ = wrong.Context.PrintUsage(true)
		}
		fmt.Fprintf(s.err, "tandem: %v\n", err)
		return 2
	}
	if err := parsed.Run(); err != nil {
		complain(s.err, err)
		return 1
	}
	return 0
}

// complain prints an error. A list of problems stands for itself, each with its
// own place.
func complain(w io.Writer, err error) {
	if strings.Contains(err.Error(), "\n") {
		fmt.Fprintln(w, err)
		return
	}
	fmt.Fprintf(w, "tandem: %v\n", err)
}
