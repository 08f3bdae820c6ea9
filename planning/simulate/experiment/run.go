package experiment

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"tandem/planning/simulate"
)

// mostSamples of a timeline.
const mostSamples = 400

// Runs is how many runs there are: each policy with each seed.
func (e *Experiment) Runs() int { return len(e.entrants) * e.Scenario.Seeds }

// Run runs each policy with each seed, on all cores, and returns what came of
// it. Progress, which may be nil, is told after each run and each million jobs,
// one call at a time.
func (e *Experiment) Run(ctx context.Context, progress func(Progress)) (*Result, error) {
	seeds := make([]uint64, e.Scenario.Seeds)
	for i := range seeds {
		seeds[i] = e.Scenario.Seed + uint64(i)
	}
	tallies := make([]tally, len(e.entrants))
	for i := range tallies {
		tallies[i].runs = make([]simulate.Summary, len(seeds))
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	told := &teller{tell: progress}
	for s, seed := range seeds {
		market := &market{}
		for p, entrant := range e.entrants {
			group.Go(func() error {
				outcome, err := e.one(inner, entrant, seed, market.of(e, seed), s == 0, told)
				if err != nil {
					return fmt.Errorf("%s with seed %d: %w", entrant.id, seed, err)
				}
				tallies[p].add(s, outcome)
				told.ran()
				return nil
			})
		}
	}
	if err := group.Wait(); ctx.Err() != nil {
		return nil, fmt.Errorf("stopped after %d of %d runs: %w", told.so.Runs, e.Runs(), ctx.Err())
	} else if err != nil {
		return nil, err
	}
	return e.result(seeds, tallies), nil
}

// tally is what is kept of a policy's runs: what they waited is one distribution.
type tally struct {
	lock     sync.Mutex
	runs     []simulate.Summary
	waits    simulate.Histogram
	timeline []simulate.Sample
}

func (t *tally) add(run int, outcome simulate.Outcome) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.runs[run] = outcome.Summary
	t.waits.Merge(outcome.Waits)
	if outcome.Timeline != nil {
		t.timeline = outcome.Timeline
	}
}

// market is made once for the runs of a seed.
type market struct {
	once sync.Once
	made *simulate.Availability
}

func (m *market) of(e *Experiment, seed uint64) *simulate.Availability {
	m.once.Do(func() { m.made = e.availability(seed) })
	return m.made
}

func (e *Experiment) one(ctx context.Context, entrant entrant, seed uint64, market *simulate.Availability, timeline bool, told *teller) (simulate.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return simulate.Outcome{}, err
	}
	source, file, err := e.source(seed)
	if err != nil {
		return simulate.Outcome{}, err
	}
	defer file.Close()
	config := e.fleet(seed, market)
	if timeline {
		config.Samples = mostSamples
	}
	policy := bounded{entrant.new(e), e.Scenario.Instance.SpotMaximum, e.Scenario.Instance.OnDemandMaximum}
	return simulate.RunContext(ctx, config, policy, &counted{Source: source, told: told})
}

func (e *Experiment) result(seeds []uint64, tallies []tally) *Result {
	result := &Result{Name: e.Scenario.Name, Title: e.Scenario.Title, Scenario: e.document.text(), Facts: e.facts(),
		Seeds: seeds, PricesFrom: e.prices.pricesFrom()}
	dated := e.Scenario.Deadlines != nil
	for i, entrant := range e.entrants {
		tally := &tallies[i]
		policy := PolicyResult{ID: entrant.id, About: entrant.about, Runs: tally.runs, Metrics: intervals(tally.runs, dated),
			Waits: points(tally.waits), Timeline: timeline(tally.timeline)}
		if i > 0 {
			policy.Differences = differences(policy.Runs, result.Policies[0].Runs, dated)
		}
		result.Policies = append(result.Policies, policy)
	}
	return result
}

func timeline(samples []simulate.Sample) []Sample {
	all := make([]Sample, len(samples))
	for i, s := range samples {
		all[i] = Sample{At: s.At.Seconds(), Waiting: s.Waiting, Running: s.Running, Spot: s.Spot, OnDemand: s.OnDemand, SpotAvailable: s.SpotAvailable, Cost: s.Cost}
	}
	return all
}
