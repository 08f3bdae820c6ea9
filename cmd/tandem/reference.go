package main

import (
	"bytes"
	"os"

	"github.com/alecthomas/kong"

	"tandem/cmd/tandem/internal/reference"
)

//go:generate go run . reference --generate=../../docs/cli.md

type referenceCommand struct {
	Generate string `help:"Write it to this file." placeholder:"FILE"`
}

// Run prints the reference.
func (c referenceCommand) Run(parsed *kong.Context, s streams) error {
	var text bytes.Buffer
	if err := reference.Write(&text, parsed.Model); err != nil {
		return err
	}
	if c.Generate != "" {
		return os.WriteFile(c.Generate, text.Bytes(), 0o644)
	}
	_, err := s.out.Write(text.Bytes())
	return err
}
