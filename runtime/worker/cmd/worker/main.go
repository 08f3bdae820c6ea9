// Command worker runs jobs in the model container beside it; see the package
// runtime/worker/program for its commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	// In exec mode the program runs in an image that may know no certificates.
	_ "golang.org/x/crypto/x509roots/fallback"

	"tandem/runtime/worker/program"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// Somebody at a terminal who asks twice does not want to wait for the drain.
	context.AfterFunc(ctx, func() { signal.Reset(syscall.SIGINT) })
	status := program.Main(ctx, os.Args[1:], program.Streams{
		Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Version: version,
	})
	os.Exit(status)
}
