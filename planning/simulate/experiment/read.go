package experiment

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"tandem/planning/simulate"
	"tandem/prices"
)

// Options of reading a scenario.
type Options struct {
	// Set lays values over the file's, such as policy.idleFor=10m.
	Set []string
	// Compare, Seeds, Seed and Environment in place of the file's, where they are
	// not empty. A Compare of "all" is all policies, one of "none" is none.
	Compare     []string
	Seeds       int
	Seed        *uint64
	Environment string
	// Config is the folder of environments. Default: config.
	Config string
	// Prices of instances. Required.
	Prices *prices.Table
	// Open opens a trace. Default: os.Open.
	Open func(path string) (io.ReadCloser, error)
}

// Experiment is a scenario that is ready to run.
type Experiment struct {
	Scenario Scenario
	document *document
	prices   used
	entrants []entrant
	open     func(path string) (io.ReadCloser, error)
	// market and recording are traces that are held in memory.
	market    *simulate.Availability
	recording []simulate.Job
}

// Read makes an experiment of a scenario's file. All that is wrong is named by
// file, line and column.
func Read(name string, raw []byte, o Options) (*Experiment, error) {
	document, err := newDocument(name, raw, o.Set)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	under, err := defaults()
	if err != nil {
		return nil, err
	}
	e := &Experiment{Scenario: under, document: document, open: o.Open}
	if e.open == nil {
		e.open = func(path string) (io.ReadCloser, error) { return os.Open(path) }
	}
	if err := e.decode(o); err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	e.Scenario.complete(name)
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := e.price(o.Prices); err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	if err := e.readTraces(); err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	e.entrants = e.chosen()
	return e, nil
}

// decode reads the file over what its environment says, and options over the file.
func (e *Experiment) decode(o Options) error {
	if err := e.document.decode(&e.Scenario); err != nil {
		return err
	}
	environment, worker := cmp.Or(o.Environment, e.Scenario.Environment), e.Scenario.Worker
	switch {
	case worker != "" && environment == "":
		return fmt.Errorf("%s: worker %q is of no environment: add one, such as environment: prod", e.document.place("worker"), worker)
	case worker == "" && e.Scenario.Environment != "":
		return fmt.Errorf("%s: environment %q without a worker: add one, such as worker: document-analyser", e.document.place("environment"), environment)
	case worker != "":
		base, err := fromEnvironment(cmp.Or(o.Config, "config"), environment, worker, e.Scenario.Instance.Type != "")
		if err != nil {
			return fmt.Errorf("%s: %w", e.document.place("worker"), err)
		}
		if err := e.document.decode(&base); err != nil {
			return err
		}
		base.Environment = environment
		e.Scenario = base
	}
	e.Scenario.Seeds = cmp.Or(o.Seeds, e.Scenario.Seeds)
	if o.Seed != nil {
		e.Scenario.Seed = *o.Seed
	}
	if len(o.Compare) > 0 {
		e.Scenario.Compare = o.Compare
	}
	return nil
}
