// Command gpuagent watches the GPUs of one host and tells workers and ECS what
// it finds. 'gpuagent' runs it; 'gpuagent health' asks the one that runs in the
// same container whether it lives, for the container's health check.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tandem/gpuagent/internal/program"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := program.Run(ctx, program.Options{
		Arguments: os.Args[1:], Environ: os.Environ(), Output: os.Stdout, Version: version,
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
