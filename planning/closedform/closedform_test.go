package closedform_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/planning/closedform"
)

func TestFormulasGiveWhatTheTextbooksPrint(t *testing.T) {
	for name, test := range map[string]struct{ got, want, within float64 }{
		"M/M/1 at a load of a half waits one service time": {closedform.WaitMMC(0.5, 1, 1), 1, 1e-12},
		"M/G/1 with exponential service is M/M/1":          {closedform.WaitMG1(0.5, 1, 2), 1, 1e-12},
		"M/D/1 waits half as long":                         {closedform.WaitMG1(0.5, 1, 1), 0.5, 1e-12},
		"Erlang C of 2 erlangs on 3 servers":               {closedform.ErlangC(2, 3), 4.0 / 9, 1e-12},
		"Erlang C of 8 erlangs on 10 servers":              {closedform.ErlangC(8, 10), 0.4092, 1e-4},
		"without interruptions there is no rework":         {closedform.Rework(100, 0, 10), 100, 1e-12},
		"an hour at one interruption an hour":              {closedform.Rework(3600, 1.0/3600, 0), 3600 * (math.E - 1), 1e-9},
		"Young, 50 s at one in 10,000 s":                   {closedform.Young(50, 1e-4), 1000, 1e-9},
		"Daly is a little less than Young":                 {closedform.Daly(50, 1e-4), 966.9444, 1e-3},
		"three quarters spot":                              {closedform.MixedPrice(0.75, 1, 3), 1.5, 1e-12},
		"a dollar an hour against a cent a job":            {closedform.BreakEven(1, 0.01, 1000), 100, 1e-12},
	} {
		t.Run(name, func(t *testing.T) { require.InDelta(t, test.want, test.got, test.within) })
	}
	require.True(t, math.IsInf(closedform.WaitMMC(2, 1, 2), 1))
	require.True(t, math.IsInf(closedform.WaitMG1(1, 1, 1), 1))
	require.True(t, math.IsInf(closedform.BreakEven(1, 0.01, 99), 1), "no room for so many")
}

func TestAWorkerThatNeverSleepsIsAnMG1(t *testing.T) {
	worker := closedform.SleepingWorker{Rate: 0.01, Service: 30, SecondMoment: 1800, Wake: 0}
	require.InDelta(t, closedform.WaitMG1(0.01, 30, 1800), worker.Wait(), 1e-9)
	require.InDelta(t, 30, worker.BilledPerJob(), 1e-9, "with no wake and no idle time only work is billed")
	worker.Idle = 1e4
	require.InDelta(t, 100, worker.BilledPerJob(), 1e-6, "always on, it is billed from one arrival to the next")
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.Float64Range(10, 1e5).Draw(t, "work")
		rate := 1 / rapid.Float64Range(100, 1e6).Draw(t, "between")
		restart := rapid.Float64Range(0, 1000).Draw(t, "restart")
		if rate*work > 50 {
			t.Skip("longer than anyone waits")
		}
		require.GreaterOrEqual(t, closedform.Rework(work, rate, restart), work*(1-1e-9))
		c := closedform.Checkpoints{Interval: rapid.Float64Range(1, 1e5).Draw(t, "interval")}
		require.LessOrEqual(t, c.Duration(work, rate, restart), closedform.Rework(work, rate, restart)*(1+1e-9), "free checkpoints never cost")
	})
}

func TestDalysIntervalIsNearTheBest(t *testing.T) {
	const work, rate, restart = 1e6, 1.0 / 7200, 240
	for _, cost := range []float64{1, 10, 60, 300} {
		best := closedform.Checkpoints{Interval: closedform.Daly(cost, rate), Cost: cost}.Duration(work, rate, restart)
		for _, other := range []float64{0.5, 0.7, 1.4, 2} {
			c := closedform.Checkpoints{Interval: other * closedform.Daly(cost, rate), Cost: cost}
			require.Greater(t, c.Duration(work, rate, restart), best, "cost %g, %g times the interval", cost, other)
		}
	}
}
