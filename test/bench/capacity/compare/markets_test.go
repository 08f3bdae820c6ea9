package compare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
	"tandem/test/bench/capacity/compare"
)

// spells is a market by the minute that has spot and has none, in turns, again and again.
func spells(minutes ...int) *simulate.Availability {
	market := &simulate.Availability{Gap: time.Minute}
	for turn, length := range minutes {
		for range length {
			market.Samples = append(market.Samples, turn%2 == 0)
		}
	}
	return market
}

// Markets that no recording has. Beside on-demand alone ours may cost what it
// takes to find out, and what is lost to that: a few per cent, and no more.
func TestBadMarketsCostLittleMoreThanOnDemandAlone(t *testing.T) {
	const hour = 60
	tests := map[string]struct {
		market *simulate.Availability
		// cost at most, as a multiple of that of on-demand alone.
		cost float64
	}{
		"spot is never there":                     {spells(0, hour), 1.001},
		"spot is dry for a day":                   {spells(3*24*hour, 24*hour, 2*24*hour), 0.75},
		"spot comes for three minutes in seven":   {spells(3, 4), 1.03},
		"spot comes for twenty minutes in forty":  {spells(20, 20), 1.03},
		"spot comes for a quarter of each day":    {spells(6*hour, 18*hour), 0.99},
		"spot is there but for a minute each day": {spells(24*hour, 1), 0.60},
	}
	set, err := traces.Shipped(traces.V100)
	require.NoError(t, err)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cells, err := compare.Matrix{Traces: traces.Set{Arrivals: set.Arrivals, Spot: []traces.Market{{Name: name, Availability: test.market}}},
				Workloads: workloads("jobs", "long", "deadlines"), Length: 7 * day, Peer: "on-demand only"}.Run(t.Context())
			require.NoError(t, err)
			for _, cell := range cells {
				onDemand := cell.Peers[0]
				t.Logf("%s: %.0f USD and %.1f min beside %.0f and %.1f", cell.Workload.Name, cell.Ours.Cost, cell.Ours.Wait.P95/60, onDemand.Cost, onDemand.Wait.P95/60)
				require.LessOrEqual(t, cell.Ours.Cost, test.cost*onDemand.Cost, cell.Workload.Name)
				require.LessOrEqual(t, cell.Ours.Wait.P95, onDemand.Wait.P95+600, cell.Workload.Name)
				require.Zero(t, cell.Ours.MissedInReach, cell.Workload.Name)
			}
		})
	}
}
