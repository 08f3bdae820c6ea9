package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tandem/config"
)

type configCommands struct {
	Check     configCheck     `cmd:"" help:"Check an environment, or all of them, and list all that is wrong."`
	Show      configShow      `cmd:"" help:"Print a merged environment, each value with the line that it came from."`
	Schema    configSchema    `cmd:"" help:"Print the JSON Schema of the configuration."`
	Reference configReference `cmd:"" hidden:"" help:"Print the configuration reference in Markdown."`
}

type configCheck struct{}

// Run checks the environment that is named, or all.
func (configCheck) Run(g *globals, s streams) error {
	names := []string{g.Env}
	if g.Env == "" {
		all, err := config.Environments(g.Folder)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fmt.Errorf("the folder %s has no environments: write %s", g.Folder, filepath.Join(g.Folder, "dev.yaml"))
		}
		names = all
	}
	var failed []error
	for _, name := range names {
		if _, err := g.load(name); err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintf(s.err, "%s: nothing wrong\n", name)
	}
	return errors.Join(failed...)
}

type configShow struct{}

// Run prints the merged environment; as JSON with the origins by path.
func (configShow) Run(g *globals, s streams) error {
	loaded, err := g.environment()
	if err != nil {
		return err
	}
	if g.JSON {
		return loaded.WriteJSON(s.out)
	}
	return loaded.WriteYAML(s.out)
}

type configSchema struct {
	Generate string `hidden:"" help:"Write schema.json anew from the types in this folder." type:"existingdir" placeholder:"DIR"`
}

// Run prints the schema.
func (c configSchema) Run(s streams) error {
	if c.Generate == "" {
		_, err := s.out.Write(config.SchemaJSON())
		return err
	}
	text, err := config.GenerateSchema(c.Generate)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Generate, config.SchemaFile), text, 0o644)
}

type configReference struct {
	Generate string `help:"Write it to this file." placeholder:"FILE"`
}

// Run prints the reference.
func (c configReference) Run(s streams) error {
	if c.Generate == "" {
		return config.WriteReference(s.out)
	}
	var text bytes.Buffer
	if err := config.WriteReference(&text); err != nil {
		return err
	}
	return os.WriteFile(c.Generate, text.Bytes(), 0o644)
}
