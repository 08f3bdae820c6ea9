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
	markets := make([]*market, len(seeds))
	for i := range seeds {
		seeds[i] = e.Scenario.Seed + uint64(i)
		markets[i] = &market{}
	}
	outcomes := make([][]simulate.Outcome, len(e.entrants))
	for i := range outcomes {
		outcomes[i] = make([]simulate.Outcome, len(seeds))
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	told := &teller{tell: progress}
	for s, seed := range seeds {
		for p, entrant := range e.entrants {
			group.Go(func() error {
				outcome, err := e.one(inner, entrant, seed, markets[s].of(e, seed), s == 0, told)
				if err != nil {
					return fmt.Errorf("%s with seed %d: %w", entrant.id, seed, err)
				}
				outcomes[p][s] = outcome
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
	return e.result(seeds, outcomes), nil
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

func (e *Experiment) result(seeds []uint64, outcomes [][]simulate.Outcome) *Result {
	result := &Result{Name: e.Scenario.Name, Title: e.Scenario.Title, Scenario: e.document.text(), Facts: e.facts(),
		Seeds: seeds, PricesFrom: e.prices.pricesFrom()}
	dated := e.Scenario.Deadlines != nil
	for i, entrant := range e.entrants {
		policy := PolicyResult{ID: entrant.id, About: entrant.about}
		var waits simulate.Histogram
		for _, outcome := range outcomes[i] {
			policy.Runs = append(policy.Runs, outcome.Summary)
			waits.Merge(outcome.Waits)
		}
		policy.Metrics, policy.Waits = intervals(policy.Runs, dated), points(waits)
		if i > 0 {
			policy.Differences = differences(policy.Runs, result.Policies[0].Runs, dated)
		}
		policy.Timeline = timeline(outcomes[i][0].Timeline)
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
