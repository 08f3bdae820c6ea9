package experiment

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandem/config"
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
	e := &Experiment{document: document, open: o.Open}
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
		kind := e.Scenario.Instance.Type
		base, err := fromEnvironment(cmp.Or(o.Config, "config"), environment, worker)
		if err != nil {
			return fmt.Errorf("%s: %w", e.document.place("worker"), err)
		}
		if kind != "" {
			base.Instance.part = 0
		}
		if err := e.document.decode(&base); err != nil {
			return err
		}
		base.Environment = environment
		e.Scenario = base
	}
	e.Scenario.Seeds = cmp.Or(o.Seeds, e.Scenario.Seeds)
	if o.Seed != nil {
		e.Scenario.Seed = o.Seed
	}
	if len(o.Compare) > 0 {
		e.Scenario.Compare = o.Compare
	}
	return nil
}

// complete fills in the defaults.
func (s *Scenario) complete(file string) {
	base := filepath.Base(file)
	s.Name = cmp.Or(s.Name, strings.TrimSuffix(base, filepath.Ext(base)))
	s.Arrivals.TimeColumn = cmp.Or(s.Arrivals.TimeColumn, "TIMESTAMP")
	s.Arrivals.Burst = cmp.Or(s.Arrivals.Burst, 1)
	if s.Arrivals.Trace == "" || s.Arrivals.Load > 0 {
		s.Arrivals.Length = cmp.Or(s.Arrivals.Length, config.Duration(7*24*time.Hour))
	}
	if d := &s.Durations; d.Distribution == Lognormal && d.P50 > 0 && d.P95 > d.P50 && d.Mean == 0 && d.Spread == 0 {
		mean, spread := moments(d.P50.Seconds(), d.P95.Seconds())
		d.Mean, d.Spread = config.Duration(mean*float64(time.Second)), spread
	}
	s.Durations.PrefillPerSecond = cmp.Or(s.Durations.PrefillPerSecond, 2000)
	s.Durations.DecodePerSecond = cmp.Or(s.Durations.DecodePerSecond, 25)
	s.Durations.Times = cmp.Or(s.Durations.Times, 1)
	if d := s.Deadlines; d != nil {
		d.Share = cmp.Or(d.Share, 1)
		if d.Times == nil {
			d.Times = []float64{1, 1}
		}
	}
	i := &s.Instance
	i.Region, i.Slots = cmp.Or(i.Region, prices.Home), cmp.Or(i.Slots, 1)
	for _, stage := range []struct {
		value    **config.Duration
		fallback time.Duration
	}{
		{&i.ColdStart.Launch, 30 * time.Second}, {&i.ColdStart.Boot, 90 * time.Second},
		{&i.ColdStart.Image, 60 * time.Second}, {&i.ColdStart.Weights, 60 * time.Second},
		{&s.Spot.Notice, 2 * time.Minute},
	} {
		if *stage.value == nil {
			usual := config.Duration(stage.fallback)
			*stage.value = &usual
		}
	}
	s.Spot.Outage = cmp.Or(s.Spot.Outage, config.Duration(time.Hour))
	s.Policy.Maximum = cmp.Or(s.Policy.Maximum, 10)
	s.Seeds = cmp.Or(s.Seeds, 5)
	if s.Seed == nil {
		first := uint64(1)
		s.Seed = &first
	}
	if s.Compare == nil {
		s.Compare = []string{"on-demand-only"}
	}
}
