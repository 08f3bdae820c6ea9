package advise

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/config"
)

func of(p50, p95 time.Duration) Quantiles {
	return Quantiles{P50: config.Duration(p50), P95: config.Duration(p95)}
}

func TestTheGivenPercentilesAreKept(t *testing.T) {
	q := Quantiles{P50: config.Duration(4 * time.Minute), P90: config.Duration(5 * time.Minute), P95: config.Duration(7 * time.Minute), P99: config.Duration(20 * time.Minute)}
	require.InDelta(t, 240, q.at(.5), .1)
	require.InDelta(t, 300, q.at(.9), .1)
	require.InDelta(t, 420, q.at(.95), .1)
	require.InDelta(t, 1200, q.at(.99), .5)
}

// A log-normal with a median of 100 s and sigma 1/2: mean e^(1/8), mean
// square e^(1/2) of the median's.
func TestTheMomentsAreThoseOfALogNormal(t *testing.T) {
	q := of(100*time.Second, time.Duration(100*math.Exp(.5*1.6449)*float64(time.Second)))
	mean, square := q.moments()
	require.InEpsilon(t, 100*math.Exp(.125), mean, .001)
	require.InEpsilon(t, 1e4*math.Exp(.5), square, .01)
}

func TestOneFigureIsAlwaysSoLong(t *testing.T) {
	q := of(5*time.Minute, 0)
	mean, square := q.moments()
	require.InDelta(t, 300, mean, 1e-6)
	require.InDelta(t, 9e4, square, 1e-3)
	require.Zero(t, q.above(300))
	require.InDelta(t, 1, q.above(299), 1e-9)
}

func TestTheLongestBoundsAll(t *testing.T) {
	q := of(18*time.Minute, 25*time.Minute)
	require.InDelta(t, 0.05, q.above(25*60), 1e-3)
	require.Positive(t, q.above(40*60))
	q.Max = config.Duration(40 * time.Minute)
	require.Zero(t, q.above(40*60))
	require.InDelta(t, 2400, q.at(1-1e-8), 1e-6)
}

func TestAboveIsTheInverseOfAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p50 := rapid.Float64Range(1, 1e4).Draw(t, "p50")
		spread := rapid.Float64Range(1.01, 10).Draw(t, "spread")
		q := of(time.Duration(p50*float64(time.Second)), time.Duration(p50*spread*float64(time.Second)))
		share := rapid.Float64Range(.001, .999).Draw(t, "share")
		require.InDelta(t, 1-share, q.above(q.at(share)), 1e-6)
	})
}
