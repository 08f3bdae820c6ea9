// Command gpuagent watches the GPUs of one host and tells workers and ECS what
// it finds. 'gpuagent help' lists what else it can be asked.
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
	code, message := program.Exit(program.Run(ctx, program.Options{
		Arguments: os.Args[1:], Environ: os.Environ(), Output: os.Stdout, Version: version,
	}))
	if message != "" {
		fmt.Fprintln(os.Stderr, message)
	}
	os.Exit(code)
}
