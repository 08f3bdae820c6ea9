// Command agent measures what the GPU health agent costs and how fast it is, on
// eight GPUs of a fake NVML library, and prints a table. Run it by make
// bench-agent, on a machine that does nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tandem/test/bench/agent/measure"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	binary := flag.String("agent", "build/bench-agent/gpuagent", "the agent")
	only := flag.String("only", "", "measure only parts whose name contains this")
	rounds := flag.Int("rounds", 10, "how often each delay is measured")
	idle := flag.Duration("idle", time.Minute, "how long the idle agent and its peers are measured")
	document := flag.String("write", "", "file to put the table into, between its markers")
	flag.Parse()
	bench := &measure.Bench{Agent: *binary, Only: *only, Rounds: *rounds, Idle: *idle, Progress: os.Stderr}
	report, err := bench.Run(ctx)
	if report != "" {
		fmt.Println(report)
	}
	// Parts of the table do not replace the whole.
	if err == nil && *document != "" && *only == "" {
		err = measure.Insert(*document, report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
