package main

import (
	"fmt"
	"strings"

	"tandem/cmd/tandem/internal/exit"
	"tandem/config"
)

// globals are the options that every command takes.
type globals struct {
	Env    string   `help:"Environment: an overlay in the configuration's folder." short:"e" placeholder:"NAME" predictor:"environment"`
	Folder string   `name:"config" aliases:"dir" help:"Folder with base.yaml and the overlays." default:"config" placeholder:"DIR"`
	Set    []string `help:"Override one value of the configuration; may be repeated." sep:"none" placeholder:"PATH=VALUE"`
	JSON   bool     `name:"json" help:"Print JSON for programs."`
}

// load reads an environment.
func (g *globals) load(environment string) (*config.Loaded, error) {
	return config.Load(config.Options{Dir: g.Folder, Environment: environment, Set: g.Set, SetFlag: "--set "})
}

// environment reads the one that --env names.
func (g *globals) environment() (*config.Loaded, error) {
	if g.Env == "" {
		there := ""
		if names, err := config.Environments(g.Folder); err == nil && len(names) > 0 {
			there = "; there are " + strings.Join(names, ", ")
		}
		return nil, exit.With(exit.Usage, fmt.Errorf("name the environment by --env%s", there))
	}
	return g.load(g.Env)
}
