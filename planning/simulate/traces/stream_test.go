package traces_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/policies"
	"tandem/planning/simulate/traces"
	"tandem/planning/simulate/traces/tracestest"
	"tandem/runtime/capacity"
)

// allocated is how many bytes a function takes from the heap, freed ones included.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReadingTakesNoMemoryByTheLengthOfTheTrace(t *testing.T) {
	rows := 0
	read := func(bytes int64) uint64 {
		return allocated(func() {
			arrivals, err := traces.NewArrivals("endless.csv", tracestest.NewStream(bytes), traces.Columns{Rate: traces.V100})
			require.NoError(t, err)
			buffer := make([]simulate.Job, 512)
			rows = 0
			for n := arrivals.Fill(buffer); n > 0; n = arrivals.Fill(buffer) {
				rows += n
			}
			require.NoError(t, arrivals.Err())
		})
	}
	short, long := read(1<<20), read(200<<20)
	require.Greater(t, rows, 5_000_000)
	require.InDelta(t, short, long, 64<<10, "not a hundredth of a byte a row")
}

// watched is a source that looks now and then at how much is alive on the heap.
type watched struct {
	simulate.Source
	fills int
	most  uint64
}

func (w *watched) Fill(buffer []simulate.Job) int {
	if w.fills++; w.fills%100 == 0 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		w.most = max(w.most, stats.HeapAlloc)
	}
	return w.Source.Fill(buffer)
}

func TestSimulatingATraceHoldsNoMoreForALongerOne(t *testing.T) {
	arrived := 0
	run := func(bytes int64) uint64 {
		arrivals, err := traces.NewArrivals("endless.csv", tracestest.NewStream(bytes), traces.Columns{Rate: traces.Rate{PrefillPerSecond: 5000, DecodePerSecond: 100}})
		require.NoError(t, err)
		source := &watched{Source: arrivals}
		config := simulate.Config{Slots: 8, Maximum: 40, ColdStart: simulate.ColdStart{Boot: 4 * time.Minute}, Notice: 2 * time.Minute, Samples: 400}
		policy := policies.NewOurs(capacity.WorkerPolicy{Slots: 8, Maximum: 40, HasOnDemand: true, TargetWait: time.Minute})
		outcome, err := simulate.RunContext(t.Context(), config, policy, source)
		require.NoError(t, err)
		arrived = outcome.Summary.Arrived
		return source.most
	}
	short, long := run(4<<20), run(24<<20)
	require.Greater(t, arrived, 600_000)
	require.Less(t, long, short+128<<10, "a fifth of a byte an arrival")
}
