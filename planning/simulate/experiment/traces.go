package experiment

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
)

// carried is what a trace is called that the program carries.
const carried = "shipped:"

// mostRecorded arrivals fit into memory, where a trace is played again and again.
const mostRecorded = 5_000_000

// openTrace opens a trace by what a scenario calls it.
func (e *Experiment) openTrace(called string) (io.ReadCloser, error) {
	if shipped, found := strings.CutPrefix(called, carried); found {
		return traces.OpenShipped(shipped)
	}
	return e.open(e.pathOf(called))
}

// pathOf a trace is relative to the scenario's file.
func (e *Experiment) pathOf(called string) string {
	if filepath.IsAbs(called) || strings.HasPrefix(called, carried) {
		return called
	}
	return filepath.Join(filepath.Dir(e.document.name), filepath.FromSlash(called))
}

// readTraces reads what is held in memory, and the beginning of what is not: a
// wrong file should be known before anything runs.
func (e *Experiment) readTraces() error {
	if called := e.Scenario.Spot.Trace; called != "" {
		file, err := e.openTrace(called)
		if err != nil {
			return fmt.Errorf("%s: %w", e.document.place("spot.trace"), err)
		}
		defer file.Close()
		if e.market, err = traces.ReadSpot(file); err != nil {
			return fmt.Errorf("%s: %s: %w", e.document.place("spot.trace"), e.pathOf(called), err)
		}
	}
	if e.Scenario.Arrivals.Trace == "" {
		return nil
	}
	arrivals, file, err := e.openArrivals()
	if err != nil {
		return err
	}
	defer file.Close()
	if e.Scenario.Arrivals.Load > 0 {
		return e.record(arrivals)
	}
	first := make([]simulate.Job, 1)
	if arrivals.Fill(first) == 0 {
		if arrivals.Err() != nil {
			return arrivals.Err()
		}
		return fmt.Errorf("%s: no arrivals", arrivals.Name)
	}
	return nil
}

func (e *Experiment) openArrivals() (*traces.Arrivals, io.Closer, error) {
	s := &e.Scenario
	file, err := e.openTrace(s.Arrivals.Trace)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", e.document.place("arrivals.trace"), err)
	}
	arrivals, err := traces.NewArrivals(e.pathOf(s.Arrivals.Trace), file, traces.Columns{
		Time: s.Arrivals.TimeColumn, Seconds: s.Durations.Column, Timeless: s.Durations.Distribution != "",
		Context: s.Durations.ContextColumn, Generated: s.Durations.GeneratedColumn,
		Rate: traces.Rate{PrefillPerSecond: s.Durations.PrefillPerSecond, DecodePerSecond: s.Durations.DecodePerSecond},
	})
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return arrivals, file, nil
}

// record keeps a trace that is played again and again.
func (e *Experiment) record(arrivals *traces.Arrivals) error {
	var err error
	if e.recording, err = arrivals.All(mostRecorded); err != nil {
		return err
	}
	s := &e.Scenario
	if drawn := e.durations(); drawn != nil {
		// Drawn once: the recording is the same in all runs, as one with durations of its own is.
		jobs := simulate.Jobs(e.recording)
		(&simulate.Dressed{Source: &jobs, Durations: drawn, Seed: 1}).Fill(e.recording)
	}
	most := (&traces.Stretch{Recording: e.recording, Longer: s.Durations.Times, Season: s.season()}).MostLoad()
	if s.Arrivals.Load > most {
		return fmt.Errorf("%s: arrivals.load is %g slots, and the trace keeps no more than %.3g busy: durations.times makes its jobs longer",
			e.document.place("arrivals.load"), s.Arrivals.Load, most)
	}
	return nil
}

// traced is a source that reads a file, up to a length.
type traced struct {
	arrivals *traces.Arrivals
	length   time.Duration
	over     bool
}

// Fill implements simulate.Source.
func (t *traced) Fill(buffer []simulate.Job) int {
	if t.over {
		return 0
	}
	filled := t.arrivals.Fill(buffer)
	if t.length == 0 || filled == 0 || buffer[filled-1].At < t.length {
		return filled
	}
	t.over = true
	for i := range buffer[:filled] {
		if buffer[i].At >= t.length {
			return i
		}
	}
	return filled
}

// Err is what ended the reading before the end.
func (t *traced) Err() error { return t.arrivals.Err() }
