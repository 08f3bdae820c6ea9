package experiment

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
)

func TestAnIntervalIsStudents(t *testing.T) {
	// By hand: mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.776445.
	around := interval("cost", []float64{1, 2, 3, 4, 5})
	require.Equal(t, "cost", around.Metric)
	require.InDelta(t, 3, around.Mean, 1e-12)
	require.InDelta(t, 3-2.776445*0.70710678, around.Low, 1e-5)
	require.InDelta(t, 3+2.776445*0.70710678, around.High, 1e-5)

	require.Equal(t, Interval{Metric: "cost", Mean: 7, Low: 7, High: 7}, interval("cost", []float64{7}), "one run tells nothing of chance")
	require.Equal(t, Interval{Metric: "cost", Mean: 7, Low: 7, High: 7}, interval("cost", []float64{7, 7, 7}))
}

// Of intervals with 95 % confidence, 95 % hold the true mean: of 4,000 that is
// 3,800, and 3,750 to 3,850 in all but one of 300 cases.
func TestIntervalsHoldTheTrueMeanAsOftenAsTheySay(t *testing.T) {
	draws := rand.New(rand.NewPCG(1, 1))
	for _, runs := range []int{2, 5, 20} {
		held := 0
		for range 4000 {
			values := make([]float64, runs)
			for i := range values {
				values[i] = 10 + 3*draws.NormFloat64()
			}
			if around := interval("", values); around.Low <= 10 && 10 <= around.High {
				held++
			}
		}
		require.InDelta(t, 3800, held, 50, "%d runs", runs)
	}
}

func TestALognormalIsToldByItsMedianAndItsTail(t *testing.T) {
	e := read(t, "arrivals: { perHour: 1000 }\ndurations: { distribution: lognormal, p50: 4m, p95: 12m }\ninstance: { type: g5.xlarge }\n")
	source, _, err := e.source(1)
	require.NoError(t, err)
	jobs := make([]simulate.Job, 100_000)
	require.Equal(t, len(jobs), source.Fill(jobs))
	half, most, sum := 0, 0, 0.0
	for _, job := range jobs {
		seconds := job.Duration.Seconds()
		sum += seconds
		if seconds < 240 {
			half++
		}
		if seconds < 720 {
			most++
		}
	}
	n := float64(len(jobs))
	require.InDelta(t, 0.5, float64(half)/n, 0.01)
	require.InDelta(t, 0.95, float64(most)/n, 0.005)
	require.InEpsilon(t, e.Scenario.Durations.Mean.Seconds(), sum/n, 0.02)
}
