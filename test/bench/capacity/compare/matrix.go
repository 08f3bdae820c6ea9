package compare

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
)

// Prices of a g5.xlarge in us-east-1 in USD an hour, on-demand and in the middle
// of the spot prices seen: see package prices, whose data a test compares.
const (
	OnDemandPrice = 1.006
	SpotPrice     = 0.4425
)

// Cell is one workload on one pair of traces.
type Cell struct {
	Recording traces.Recording
	Market    traces.Market
	Workload  Workload
	// Results by the entrants' names.
	Ours  Result
	Peers []Result
	// Tuned are other settings of ours, and Others those of each peer by its name.
	Tuned  []Result
	Others map[string][]Result
}

// Result of one entrant.
type Result struct {
	Name string
	simulate.Summary
}

// Matrix runs all entrants on all cells, on as many cores as there are.
type Matrix struct {
	Traces    traces.Set
	Workloads []Workload
	// Length of the streams; 0 is that of each spot trace.
	Length time.Duration
	// Tune also runs the other settings, of ours and of the peers.
	Tune bool
	// Entrant in the place of ours by its defaults; New nil is none.
	Entrant Entrant
	// OnlyOurs leaves out the peers.
	OnlyOurs bool
	// Peer, where it is set, is the name of the only one that runs beside ours.
	Peer string
}

// Run returns the cells in the order of traces and workloads.
func (m Matrix) Run(ctx context.Context) ([]Cell, error) {
	var cells []Cell
	for _, recording := range m.Traces.Arrivals {
		for _, market := range m.Traces.Spot {
			for _, workload := range m.Workloads {
				cells = append(cells, Cell{Recording: recording, Market: market, Workload: workload})
			}
		}
	}
	errs := make([]error, len(cells))
	next := make(chan int)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = cells[i].run(m)
				}
			}
		})
	}
	for i := range cells {
		next <- i
	}
	close(next)
	group.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s on %s and %s: %w", cells[i].Workload.Name, cells[i].Recording.Name, cells[i].Market.Name, err)
		}
	}
	return cells, nil
}

func (c *Cell) run(m Matrix) error {
	length := m.Length
	if length == 0 {
		length = time.Duration(len(c.Market.Availability.Samples)) * c.Market.Availability.Gap
	}
	one := func(entrant Entrant) (Result, error) {
		summary, err := simulate.Run(simulate.Config{
			Slots: 1, Maximum: maximum, ColdStart: cold, Checkpoint: c.Workload.Checkpoint, Spot: c.Market.Availability,
			Notice: 2 * time.Minute, SpotPrice: SpotPrice, OnDemandPrice: OnDemandPrice, Seed: seed,
		}, entrant.New(), c.Workload.source(c.Recording, length))
		return Result{entrant.Name, summary}, err
	}
	ours, err := Ours(), error(nil)
	if m.Entrant.New != nil {
		ours = m.Entrant
	}
	if c.Ours, err = one(ours); err != nil {
		return err
	}
	if m.OnlyOurs {
		return nil
	}
	for _, peer := range Peers() {
		if m.Peer != "" && m.Peer != peer.Name {
			continue
		}
		result, err := one(peer)
		if err != nil {
			return err
		}
		c.Peers = append(c.Peers, result)
	}
	if !m.Tune {
		return nil
	}
	c.Others = map[string][]Result{}
	for name, settings := range OtherSettings() {
		for _, setting := range settings {
			result, err := one(setting)
			if err != nil {
				return err
			}
			c.Others[name] = append(c.Others[name], result)
		}
	}
	for _, setting := range Tuned() {
		result, err := one(setting)
		if err != nil {
			return err
		}
		c.Tuned = append(c.Tuned, result)
	}
	return nil
}
