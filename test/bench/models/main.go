// Command models measures what the router of models adds to a call, beside
// calling the provider directly and beside LiteLLM's proxy, and prints it as a
// table. Run it by make bench-models, on a machine that does nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tandem/test/bench/models/measure"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The provider and the proxy are processes of their own.
	if len(os.Args) > 2 {
		if role, found := measure.Roles()[os.Args[1]]; found {
			exit(role(ctx, os.Args[2], os.Stdout))
			return
		}
	}
	only := flag.String("only", "", "measure only parts whose name contains this")
	proxy := flag.String("litellm", "", "the program of LiteLLM's proxy; empty leaves it out")
	document := flag.String("write", "", "file to put the table into, between its markers")
	flag.Parse()
	bench := &measure.Bench{Only: *only, LiteLLM: *proxy, Progress: os.Stderr}
	report, err := bench.Run(ctx)
	fmt.Println(report)
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
