package advise

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/planning/closedform"
)

func TestBilledSecondsAreSaneAtAnyVolume(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean := rapid.Float64Range(0.01, 1e5).Draw(t, "mean")
		rate := math.Exp(rapid.Float64Range(math.Log(1e-9), math.Log(1e3)).Draw(t, "rate"))
		wake := rapid.Float64Range(1, 2000).Draw(t, "wake")
		idle := rapid.Float64Range(1, 3600).Draw(t, "idle")
		billed := billedSeconds(rate, mean, wake, idle)
		require.False(t, math.IsNaN(billed) || math.IsInf(billed, 0))
		require.GreaterOrEqual(t, billed, mean*1.1499)
		require.LessOrEqual(t, rate*billed, max(1, rate*mean*1.1501, rate*mean+0.31)*(1+1e-9), "one worker below full load is never billed for more than all the time")
		require.GreaterOrEqual(t, rate*2*billedSeconds(2*rate, mean, wake, idle), rate*billed*(1-1e-9), "more work never costs less in all")
	})
}

// M/M/1 waits rho/(1-rho) of a service; M/M/2 at half load a third of one.
func TestWaitingInFrontOfSeveralServers(t *testing.T) {
	require.InDelta(t, 300*0.7/0.3, queueing(1, 0.7, 300), 1e-9)
	require.InDelta(t, 60.0/3, queueing(2, 0.5, 60), 1e-9)
	require.Zero(t, queueing(2000, 0.7, 300))
}

func TestCheckpointsByYoungAndDaly(t *testing.T) {
	const cost, rate = 90.0, 1.5 / 86400
	require.InDelta(t, math.Sqrt(2*90*57600), closedform.Young(cost, rate), 1e-6) // 3,220 s
	require.InDelta(t, 3160, closedform.Daly(cost, rate), 5)
	require.InDelta(t, 1/rate, closedform.Daly(200000, rate), 1e-6)
	// No interval is better than Daly's by more than a tenth of a percent.
	best := withCheckpoints(28000, rate, 300, closedform.Daly(cost, rate), cost)
	for interval := 500.0; interval < 20000; interval *= 1.05 {
		require.GreaterOrEqual(t, withCheckpoints(28000, rate, 300, interval, cost), best*0.999)
	}
	require.Greater(t, closedform.Rework(28000, rate, 300), best)
	require.InDelta(t, 28000, closedform.Rework(28000, 0, 300), 1e-9)
}
