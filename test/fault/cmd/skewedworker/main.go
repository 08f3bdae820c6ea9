// Command skewedworker is the worker on a machine whose clock is wrong by
// FAULT_SKEW, such as -3m.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tandem/runtime/worker/program"
)

func main() {
	skew, err := time.ParseDuration(os.Getenv("FAULT_SKEW"))
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	status := program.Main(ctx, os.Args[1:], program.Streams{
		Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Version: "skewed",
		Now: func() time.Time { return time.Now().Add(skew) },
	})
	stop()
	os.Exit(status)
}
