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

// configSource is where a configuration is read from; commands that need one
// embed it.
type configSource struct {
	Dir string   `default:"config" help:"Folder with base.yaml and the overlays." placeholder:"DIR"`
	Set []string `help:"Override one value; may be repeated." sep:"none" placeholder:"PATH=VALUE"`
}

func (c configSource) load(environment string) (*config.Loaded, error) {
	return config.Load(config.Options{Dir: c.Dir, Environment: environment, Set: c.Set, SetFlag: "--set "})
}

type configCheck struct {
	configSource
	Env string `help:"Environment to check. Default: all." short:"e" placeholder:"NAME"`
}

// Run checks one environment or all.
func (c configCheck) Run(s streams) error {
	names := []string{c.Env}
	if c.Env == "" {
		all, err := config.Environments(c.Dir)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fmt.Errorf("the folder %s has no environments: write %s", c.Dir, filepath.Join(c.Dir, "dev.yaml"))
		}
		names = all
	}
	var failed []error
	for _, name := range names {
		if _, err := c.load(name); err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintf(s.err, "%s: nothing wrong\n", name)
	}
	return errors.Join(failed...)
}

type configShow struct {
	configSource
	Env  string `required:"" help:"Environment to show." short:"e" placeholder:"NAME"`
	JSON bool   `name:"json" help:"Print JSON for programs, with the origins by path."`
}

// Run prints the merged environment.
func (c configShow) Run(s streams) error {
	loaded, err := c.load(c.Env)
	if err != nil {
		return err
	}
	if c.JSON {
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
