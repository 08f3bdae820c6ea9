// Command planning measures how long the questions about money take, as
// processes of the command line, and how many arrivals the simulator works
// through. Run it by make bench-planning, on a machine that does nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tandem/test/bench/planning/measure"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	binary := flag.String("tandem", "build/bench-planning/tandem", "the command line")
	assembly := flag.String("assembly", "build/bench-planning/prod", "the synthesised environment to price")
	rounds := flag.Int("rounds", 31, "how often each command is run")
	gigabytes := flag.Float64("gigabytes", 10, "size of the trace that is simulated as a stream; 0 leaves it out")
	document := flag.String("write", "", "file to put the table into, between its markers")
	flag.Parse()
	bench := &measure.Bench{Tandem: *binary, Assembly: *assembly, Rounds: *rounds, Gigabytes: *gigabytes, Progress: os.Stderr}
	report, err := bench.Run(ctx)
	if report != "" {
		fmt.Println(report)
	}
	if err == nil && *document != "" {
		err = measure.Insert(*document, report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
