// Package session is the whole way of a synthesised folder onto an emulator:
// start, adapt, compare with the checked-in list, deploy. Tests and the
// developer's command take it alike.
package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tandem/test/checkout"
	"tandem/test/emulator"
	"tandem/test/emulator/assembly"
	"tandem/test/emulator/deploy"
)

// Options of a session.
type Options struct {
	// Synthesised is the folder that the CDK wrote. Required.
	Synthesised string
	// Environment names the list of what the emulator does without. Default: no list is compared.
	Environment string
	// Update writes that list instead of comparing with it.
	Update bool
	// Folder for everything that the session writes. Default: a new one, which Close removes.
	Folder string
	// Port of the emulator. Default: a free one.
	Port int
	// Output takes the report and what the CDK's command line prints. Default: nothing is shown.
	Output io.Writer
	// Timeout of one stack. Default: 2 min.
	Timeout time.Duration
}

// Session is an application on an emulator.
type Session struct {
	*deploy.Deployed
	// Emulator that the application is on.
	Emulator *emulator.Emulator
	// Report of what was changed for it.
	Report *assembly.Report

	options   Options
	temporary bool
	assembly  *assembly.Assembly
}

// Open deploys an application to a new emulator.
func Open(ctx context.Context, options Options) (*Session, error) {
	s, err := start(ctx, options)
	if err != nil {
		return nil, err
	}
	if s.Deployed, err = deploy.Up(ctx, s.deployOptions()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.printf("deployed %s\n", s.Report.Summary())
	return s, nil
}

// start does everything but the deployment.
func start(ctx context.Context, options Options) (*Session, error) {
	s := &Session{options: options}
	synthesised, err := assembly.Open(options.Synthesised)
	if err != nil {
		return nil, err
	}
	if s.options.Folder == "" {
		s.temporary = true
		if s.options.Folder, err = os.MkdirTemp("", "session-"); err != nil {
			return nil, fmt.Errorf("opening an emulator session: %w", err)
		}
	}
	first := synthesised.Stacks[0]
	s.Emulator, err = emulator.Start(ctx, emulator.Options{
		Region: first.Region, Account: first.Account, Port: options.Port, Folder: filepath.Join(s.options.Folder, "emulator"),
	})
	if err != nil {
		return nil, err
	}
	if err := s.adapt(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Session) adapt(ctx context.Context) error {
	adapted := filepath.Join(s.options.Folder, "cdk.out")
	if err := os.RemoveAll(adapted); err != nil {
		return fmt.Errorf("adapting %s: %w", s.options.Synthesised, err)
	}
	var err error
	s.assembly, s.Report, err = assembly.Adapt(ctx, s.options.Synthesised, adapted, assembly.Options{Unsupported: s.Emulator.Refused})
	if err != nil {
		return err
	}
	s.printf("%s", s.Report)
	if s.options.Environment == "" {
		return nil
	}
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	return s.Report.Check(filepath.Join(root, "test", "emulator", "dropped", s.options.Environment+".txt"), s.options.Update)
}

// printf is for what nobody has to see.
func (s *Session) printf(format string, arguments ...any) {
	if s.options.Output != nil {
		fmt.Fprintf(s.options.Output, format, arguments...)
	}
}

func (s *Session) deployOptions() deploy.Options {
	return deploy.Options{Emulator: s.Emulator, Assembly: s.assembly, Output: s.options.Output, Timeout: s.options.Timeout}
}

// Update deploys another synthesised folder over what is there. What the
// emulator does without is reported and not compared: the list is that of the
// environment as it is configured.
func (s *Session) Update(ctx context.Context, synthesised string) error {
	s.options.Synthesised, s.options.Environment = synthesised, ""
	err := s.adapt(ctx)
	if err != nil {
		return err
	}
	s.Deployed, err = deploy.Up(ctx, s.deployOptions())
	return err
}

// Destroy deletes all stacks and leaves the emulator running.
func (s *Session) Destroy(ctx context.Context) error {
	return deploy.Down(ctx, s.deployOptions())
}

// Close ends the emulator, and with it everything that is on it.
func (s *Session) Close() error {
	err := s.Emulator.Stop()
	if s.temporary {
		err = errors.Join(err, os.RemoveAll(s.options.Folder))
	}
	return err
}
