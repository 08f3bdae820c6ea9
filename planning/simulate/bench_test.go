package simulate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/runtime/capacity"
)

// BenchmarkRun is a day of 50 arrivals a second on a few instances of 8 slots,
// sized by the production policy at its own cadence.
func BenchmarkRun(b *testing.B) {
	arrivals := 0
	b.ReportAllocs()
	for b.Loop() {
		source := &simulate.Generated{PerHour: 50 * 3600, Length: 24 * time.Hour, Seed: 1, Season: simulate.Season{Swing: 0.5},
			Durations: simulate.Durations{Shape: simulate.Exponential, Mean: 600 * time.Millisecond}}
		policy := policies.NewOurs(capacity.WorkerPolicy{Slots: 8, Maximum: 40, HasSpot: true, HasOnDemand: true, TargetWait: time.Minute})
		config := simulate.Config{Slots: 8, Maximum: 40, ColdStart: simulate.ColdStart{Boot: 4 * time.Minute}, Notice: 2 * time.Minute, Hazard: 0.05, Seed: 1}
		summary, err := simulate.Run(config, policy, source)
		require.NoError(b, err)
		arrivals += summary.Arrived
	}
	b.ReportMetric(float64(arrivals)/b.Elapsed().Seconds(), "arrivals/s")
}
