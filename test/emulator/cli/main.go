// Command cli adapts a synthesised application to the AWS emulator and deploys
// it there. It is for developers; make calls it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"tandem/test/emulator/session"
)

var commands struct {
	Adapt session.Adapt `cmd:"" help:"Change a synthesised folder as the emulator needs it, and print what was changed."`
	Up    session.Up    `cmd:"" help:"Start an emulator, deploy a synthesised folder to it and wait for an interrupt."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command := kong.Parse(&commands, kong.Name("emulator"), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)))
	command.FatalIfErrorf(command.Run())
}
