package report

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"pgregory.net/rapid"

	"tandem/planning/simulate/experiment"
)

func TestANumberIsInTheUnitThatAPersonWouldUse(t *testing.T) {
	for _, c := range []struct {
		unit  unit
		value float64
		want  string
	}{
		{money, 0, "$0"}, {money, 0.031234, "$0.0312"}, {money, 4.2, "$4.20"}, {money, 0.1, "$0.10"}, {money, 7, "$7"}, {money, 412.34, "$412"}, {money, 12345, "$12,300"},
		{money, 1234567, "$1.23 million"}, {money, 999.9e6, "$1 billion"}, {money, -3.5, "−$3.50"},
		{seconds, 0, "0 s"}, {seconds, 0.25, "0.25 s"}, {seconds, 59.96, "1 min"}, {seconds, 251.7, "4.19 min"}, {seconds, 3599, "1 h"},
		{seconds, 100 * hour, "4.17 days"}, {seconds, 3 * year, "3 years"},
		{share, 0.5, "50 %"}, {share, 0.00034, "0.034 %"}, {share, 1, "100 %"},
		{count, 2, "2"}, {count, 17.44, "17.4"}, {count, 12345.4, "12,345"},
		{hours, 1234.5, "1,230 h"}, {ratio, 3.456, "3.46 ×"}, {plain, 1e-12, "0"},
		{money, math.NaN(), "–"}, {seconds, math.Inf(1), "–"}, {share, math.MaxFloat64, "–"},
	} {
		require.Equal(t, c.want, strings.ReplaceAll(c.unit.format(c.value), space, " "), "%v", c.value)
	}
}

func TestAnAxisEndsAtAMarkThatIsNoLessThanAllThatIsOnIt(t *testing.T) {
	check := func(t *rapid.T, highest, end float64, ticks plot.ConstantTicks, most int) {
		require.GreaterOrEqual(t, end, highest*(1-1e-9))
		require.Zero(t, ticks[0].Value)
		require.Equal(t, end, ticks[len(ticks)-1].Value)
		require.LessOrEqual(t, len(ticks), most+2)
		for i := 1; i < len(ticks); i++ {
			require.Greater(t, ticks[i].Value, ticks[i-1].Value)
			require.NotEqual(t, ticks[i].Label, ticks[i-1].Label)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		highest := rapid.OneOf(rapid.Float64Range(1e-6, 1e12), rapid.Float64Range(0.1, 1000)).Draw(t, "highest")
		end, ticks := upTo(highest, 5, money)
		check(t, highest, end, ticks, 5)
		end, ticks = upToTime(min(highest, 100*year))
		check(t, min(highest, 100*year), end, ticks, 8)
	})
}

func TestALogarithmicAxisHoldsWhatIsOnIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(0.001, 1e8).Draw(t, "low")
		high := low * rapid.Float64Range(1, 1e5).Draw(t, "times")
		from, to, ticks := logTime(low, high)
		require.LessOrEqual(t, from, low)
		require.GreaterOrEqual(t, to, high)
		require.Less(t, from, to)
		require.Equal(t, from, ticks[0].Value)
		require.Equal(t, to, ticks[len(ticks)-1].Value)
	})
}

func TestTheCommandRunsItAgain(t *testing.T) {
	r := &experiment.Result{Name: "a-week", Scenario: "name: a-week\n# --set old=1\nseeds: 3 # --set x=1\n# --set policy.idleFor=10m\n# --set title=it's\n",
		Seeds: []uint64{7, 8, 9}, Policies: []experiment.PolicyResult{{ID: "tandem"}, {ID: "spot-only"}, {ID: "cdk-spot"}}}
	require.Equal(t, `tandem simulate -f a-week.yaml \
  --compare spot-only,cdk-spot \
  --seeds 3 --seed 7 \
  --set policy.idleFor=10m \
  --set 'title=it'\''s' \
  --html report.html`, command(r))
	file, _ := laid(r.Scenario)
	require.Equal(t, "name: a-week\n# --set old=1\nseeds: 3 # --set x=1\n", file, "what is saved has no notes of what the command sets")
	r.Name, r.Seeds, r.Policies, r.Scenario = "../../etc; ls", []uint64{1, 5}, r.Policies[:1], ""
	require.Equal(t, "tandem simulate -f scenario.yaml \\\n  --compare none \\\n  --html report.html", command(r))
}

func TestTheTimeOfASlotIsUsefulLostOrIdle(t *testing.T) {
	policy := experiment.PolicyResult{Runs: small(t).Policies[0].Runs[:1]}
	run := &policy.Runs[0]
	// Ten hours of instances with four slots each, half of the slots' time occupied,
	// a tenth of that lost.
	run.SpotSeconds, run.OnDemandSeconds = 4*hour, 6*hour
	run.OccupiedSeconds, run.WastedSeconds, run.Utilisation = 20*hour, 2*hour, 0.45
	useful, wasted, ok := timeOf(policy)
	require.True(t, ok)
	require.InDelta(t, 0.45, useful, 1e-9)
	require.InDelta(t, 0.05, wasted, 1e-9)
	run.SpotSeconds, run.OnDemandSeconds = 0, 0
	_, _, ok = timeOf(policy)
	require.False(t, ok)
}
