package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/pricerefresh"
)

// root lists the commands. Each is a struct in a file of its own with a Run
// method, which gets by type whatever it asks for: context.Context, *globals,
// streams or *services.
type root struct {
	globals

	Config    configCommands    `cmd:"" help:"Check and show a configuration."`
	Local     localCommand      `cmd:"" help:"Run the API, the workers and an example model on this machine, without a cloud."`
	Keys      keysCommands      `cmd:"" help:"Make, list and revoke the keys by which callers prove who they are."`
	Jobs      jobsCommands      `cmd:"" help:"Submit jobs, watch them and fetch their results."`
	Capacity  capacityCommands  `cmd:"" help:"Show how many tasks each worker has, and why."`
	Documents documentsCommands `cmd:"" help:"List what became of uploads, and have failed ones analysed again."`
	Doctor    doctorCommand     `cmd:"" help:"Find what keeps an environment from being deployed or from working."`
	Advise    adviseCommand     `cmd:"" help:"Ask whether serverless is right for a workload, and what each alternative costs."`
	Prices    pricesCommands    `cmd:"" help:"List prices with their age, and read today's."`
	Cost      costCommand       `cmd:"" help:"Price the templates of an environment, resource by resource."`
	Simulate  simulateCommand   `cmd:"" help:"Simulate a scenario: what it costs, how long jobs wait, and what happens on a bad day."`
	Smoke     smokeCommand      `cmd:"" help:"Prove a deployed environment: submit, run, fetch, cancel, clean up."`

	Completion kongcompletion.Completion `cmd:"" help:"Print how to complete commands in a shell."`
	Article    articleCommand            `cmd:"" hidden:"" help:"Print the article's figures beside those of list prices, in Markdown."`
	Reference  referenceCommand          `cmd:"" hidden:"" help:"Print the reference of all commands in Markdown."`
}

// streams are what a command reads and writes: data goes to out, what is said
// about it to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// services are what commands reach beyond their streams by; tests have others.
type services struct {
	now  func() time.Time
	open func(ctx context.Context, region string) (account, error)
	// market opens what tells today's prices.
	market func(ctx context.Context, region string, now func() time.Time) (pricerefresh.Market, error)
}

// exitCode leaves kong, which knows only how to exit.
type exitCode int

// run is the whole program, less the process: it returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	return runWith(ctx, args, s, &services{now: time.Now, open: openAWS, market: openMarket})
}

func runWith(ctx context.Context, args []string, s streams, with *services) (code int) {
	defer func() {
		if left := recover(); left != nil {
			exit, ok := left.(exitCode)
			if !ok {
				panic(left)
			}
			code = int(exit)
		}
	}()
	commands := &root{}
	parser, err := newParser(commands, s)
	if err != nil {
		fmt.Fprintf(s.err, "tandem: the commands are put together wrongly: %v\n", err)
		return exit.Usage
	}
	kongcompletion.Register(parser, predictors()...)
	parsed, err := parser.Parse(args)
	if err != nil {
		var wrong *kong.ParseError
		if errors.As(err, &wrong) {
			wrong.Context.Stdout = s.err // nobody asked for it
			_ = wrong.Context.PrintUsage(true)
		}
		fmt.Fprintf(s.err, "tandem: %v\n", err)
		return exit.Usage
	}
	parsed.Bind(s, with, &commands.globals)
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := cloud.Explain(parsed.Run()); err != nil {
		fmt.Fprintf(s.err, "tandem: %v\n", err)
		return exit.Code(err)
	}
	return exit.OK
}

func newParser(commands *root, s streams) (*kong.Kong, error) {
	return kong.New(commands,
		kong.Name("tandem"),
		kong.Description("AI applications on AWS: requests, GPU jobs and own models behind one API."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exitCode(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.UsageOnError(),
	)
}
