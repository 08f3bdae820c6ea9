package session

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Source is what both commands are told.
type Source struct {
	Synthesised string `arg:"" type:"existingdir" help:"Folder that the CDK wrote."`
	Env         string `help:"Environment whose list of what the emulator does without is compared." placeholder:"NAME"`
	Update      bool   `help:"Write that list."`
	Out         string `help:"Folder for the adapted application and the emulator's log." default:"build/emulator"`
}

func (s Source) options() Options {
	return Options{Synthesised: s.Synthesised, Environment: s.Env, Update: s.Update, Folder: s.Out, Output: os.Stdout}
}

// Adapt is the command of that name.
type Adapt struct{ Source }

// Run adapts a folder and prints what was changed.
func (c *Adapt) Run(ctx context.Context) error {
	s, err := start(ctx, c.options())
	if err != nil {
		return err
	}
	return s.Close()
}

// Up is the command of that name.
type Up struct {
	Source
	Port    int           `help:"Port of the emulator on 127.0.0.1." default:"4566"`
	Timeout time.Duration `help:"How long one stack may take." default:"2m"`
	Destroy bool          `help:"Delete the stacks at the end, one by one, rather than just stop."`
}

// Run deploys a folder and waits.
func (c *Up) Run(ctx context.Context) error {
	options := c.options()
	options.Port, options.Timeout = c.Port, c.Timeout
	s, err := Open(ctx, options)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("endpoint %s\nlog      %s\n", s.Emulator.Endpoint(), s.Emulator.LogFile())
	if api, err := s.API(); err == nil {
		fmt.Printf("API      %s\n", api)
	}
	fmt.Println("interrupt to stop")
	select {
	case <-ctx.Done():
	case <-s.Emulator.Exited():
		return fmt.Errorf("the emulator ended by itself; its log ends with\n%s", s.Emulator.LogTail(20))
	}
	if c.Destroy {
		return s.Destroy(context.WithoutCancel(ctx))
	}
	return nil
}
