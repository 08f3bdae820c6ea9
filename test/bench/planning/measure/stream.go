package measure

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/planning/simulate/traces"
	"tandem/planning/simulate/traces/tracestest"
	"tandem/runtime/capacity"
	"tandem/test/bench/report"
)

// mostMemory that this process may take from the system for a stream of any length.
const mostMemory = 64 << 20

// streamed is what reading and simulating a long trace came to.
type streamed struct {
	arrived int
	took    time.Duration
	// memory that the process has taken from the system by the end, whatever came before.
	memory int64
}

// stream reads a CSV of so many bytes, which is on no disk, and simulates it
// with the production policy in the loop, on one core.
func stream(ctx context.Context, bytes int64) (streamed, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	columns := traces.Columns{Rate: traces.Rate{PrefillPerSecond: 5000, DecodePerSecond: 100}}
	arrivals, err := traces.NewArrivals("stream.csv", tracestest.NewStream(bytes), columns)
	if err != nil {
		return streamed{}, err
	}
	policy := policies.NewOurs(capacity.WorkerPolicy{Slots: 8, Maximum: 40, HasSpot: true, HasOnDemand: true, TargetWait: time.Minute})
	config := simulate.Config{Slots: 8, Maximum: 40, ColdStart: simulate.ColdStart{Boot: 4 * time.Minute}, Notice: 2 * time.Minute, Hazard: 0.05, Seed: 1, Samples: 400}
	began := time.Now()
	outcome, err := simulate.RunContext(ctx, config, policy, arrivals)
	if err != nil {
		return streamed{}, err
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return streamed{outcome.Summary.Arrived, time.Since(began), int64(memory.Sys)}, nil
}

// trace is the rows about a CSV of so many gigabytes.
func (b *Bench) trace(ctx context.Context) ([]row, error) {
	fmt.Fprintf(b.Progress, "a trace of %g GB\n", b.Gigabytes)
	done, err := stream(ctx, int64(b.Gigabytes*1e9))
	if err != nil {
		return nil, fmt.Errorf("simulating a trace of %g GB: %w", b.Gigabytes, err)
	}
	return rowsOf(done, b.Gigabytes), nil
}

func rowsOf(done streamed, gigabytes float64) []row {
	perSecond := float64(done.arrived) / done.took.Seconds()
	return []row{
		{
			What: fmt.Sprintf("the same from a CSV of %g GB, %.0f million arrivals, read as a stream", gigabytes, float64(done.arrived)/1e6), Measured: fmt.Sprintf("%.2f million a second, %s in all", perSecond/1e6, done.took.Round(time.Second)),
			Target: fmt.Sprintf("%.0f million a second", arrivalsTarget/1e6), Met: perSecond >= arrivalsTarget,
		},
		{
			What: "memory of the process after it", Measured: report.Mebibytes(done.memory),
			Target: report.Mebibytes(mostMemory), Met: done.memory <= mostMemory,
		},
	}
}
