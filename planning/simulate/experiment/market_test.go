package experiment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
)

// spells of a market without spot: how many, and how long on average.
func spells(a *simulate.Availability) (count int, mean time.Duration) {
	down := 0
	for i, up := range a.Samples {
		if !up {
			down++
			if i == 0 || a.Samples[i-1] {
				count++
			}
		}
	}
	return count, time.Duration(down) * a.Gap / time.Duration(max(count, 1))
}

func TestADrawnMarketIsThereForItsShareAndGoneForItsTime(t *testing.T) {
	for _, test := range []struct {
		spot   string
		share  float64
		outage time.Duration
	}{
		{"{ availability: 0.7, outage: 2h }", 0.7, 2 * time.Hour},
		{"{ availability: 0.95, outage: 20m }", 0.95, 20 * time.Minute},
		{"{ availability: 0.3, outage: 7h }", 0.3, 7 * time.Hour},
	} {
		made := read(t, right+"spot: "+test.spot+"\n").availability(1)
		require.Equal(t, marketLength, made.Length())
		require.InDelta(t, test.share, made.Share(), 0.05, test.spot)
		_, mean := spells(made)
		require.InEpsilon(t, test.outage.Seconds(), mean.Seconds(), 0.1, test.spot)
	}
	require.Zero(t, read(t, right+"spot: { availability: 0 }\n").availability(1).Share())
	require.Nil(t, read(t, right+"spot: { availability: 1 }\n").availability(1), "always there")
	require.Nil(t, read(t, right).availability(1))
}

func TestOutagesAtKnownTimesAreLaidOverTheMarket(t *testing.T) {
	made := read(t, right+"spot: { outages: [{ from: 1d, length: 6h }, { from: 3d, length: 30m }] }\n").availability(1)
	at := func(moment time.Duration) bool { return made.Samples[moment/made.Gap] }
	require.True(t, at(24*time.Hour-time.Minute))
	require.False(t, at(24*time.Hour))
	require.False(t, at(30*time.Hour-time.Minute))
	require.True(t, at(30*time.Hour))
	require.False(t, at(72*time.Hour+29*time.Minute))
	count, _ := spells(made)
	require.Equal(t, 2, count)

	// The shipped trace is gone at first for a quarter of an hour after its first ten minutes.
	trace := right + "spot: { trace: \"shipped:synthetic-spot.json\"%s }\n"
	plain := read(t, replaced(trace, "")).availability(1)
	both := read(t, replaced(trace, ", outages: [{ from: 0s, length: 5m }]")).availability(1)
	for i := range 7 * 24 * 60 {
		moment := time.Duration(i) * time.Minute
		want := moment >= 5*time.Minute && plain.Samples[moment/plain.Gap]
		require.Equal(t, want, both.Samples[i], moment)
	}
}

func TestInterruptionsAreTheAdvisorsWhereNothingIsSaid(t *testing.T) {
	require.InDelta(t, 1.5/24, read(t, right+"spot: { interruptionsPerDay: 1.5 }\n").prices.hazard, 1e-12)
	require.Zero(t, read(t, right+"spot: { interruptionsPerDay: 0 }\n").prices.hazard)
	require.Zero(t, read(t, right+"spot: { trace: \"shipped:synthetic-spot.json\" }\n").prices.hazard, "the trace tells")
	e := read(t, right)
	require.Positive(t, e.prices.hazard)
	require.Contains(t, e.prices.hazardFrom, "Spot Advisor, ")
}
