// Command jobs measures what accepting and running jobs costs, each figure
// beside what it should be compared with, and prints them as a table. Run it
// by make bench-jobs, on a machine that does nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tandem/test/bench/jobs/measure"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The halves of the HTTP measurement are processes of their own.
	if len(os.Args) > 1 && os.Args[1] == measure.ServeCommand {
		exit(measure.Serve(ctx, os.Stdout))
		return
	}
	if len(os.Args) > 1 && os.Args[1] == measure.LoadCommand {
		exit(measure.Load(os.Args[2:], os.Stdout))
		return
	}
	only := flag.String("only", "", "measure only parts whose name contains this")
	count := flag.Int("jobs", 10_000, "jobs to drain")
	rounds := flag.Int("rounds", 3, "how often what runs on the emulator is measured, in turns with its bare loop")
	document := flag.String("write", "", "file to put the table into, between its markers")
	flag.Parse()
	bench := &measure.Bench{Only: *only, Jobs: *count, Rounds: *rounds, Progress: os.Stderr}
	report, err := bench.Run(ctx)
	if report != "" {
		fmt.Println(report)
	}
	// Parts of the table do not replace the whole.
	if err == nil && *document != "" && *only == "" {
		err = measure.Insert(*document, report)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
