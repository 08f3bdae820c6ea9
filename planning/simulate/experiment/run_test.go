package experiment

import (
	"context"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces/tracestest"
)

func TestTheSameSeedsGiveTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	on := func(cores int, sets ...string) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		result, err := read(t, small, append(sets, "compare=[all]")...).Run(t.Context(), nil)
		require.NoError(t, err)
		return bytesOf(t, result)
	}
	first := on(1)
	require.Equal(t, first, on(8))
	require.NotEqual(t, first, on(1, "seed=2"))
}

func TestAllPoliciesMeetTheSameJobsAndTheSameMarket(t *testing.T) {
	e := read(t, small, "compare=[all]")
	jobs := func(seed uint64) []simulate.Job {
		source, file, err := e.source(seed)
		require.NoError(t, err)
		defer file.Close()
		all := make([]simulate.Job, 1000)
		return all[:source.Fill(all)]
	}
	require.Equal(t, jobs(1), jobs(1))
	require.NotEqual(t, jobs(1), jobs(2))
	require.Equal(t, e.availability(1), e.availability(1))
	require.NotEqual(t, e.availability(1), e.availability(2))

	result, err := e.Run(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, result.Policies, 10)
	require.Equal(t, Tandem, result.Policies[0].ID)
	for _, policy := range result.Policies {
		for i, run := range policy.Runs {
			require.Equal(t, result.Policies[0].Runs[i].Arrived, run.Arrived)
			require.Equal(t, result.Policies[0].Runs[i].Deadlines, run.Deadlines)
		}
	}
	require.NotEqual(t, result.Policies[0].Runs[0].Arrived, result.Policies[0].Runs[1].Arrived, "each seed has jobs of its own")
}

func TestAResultHoldsTogether(t *testing.T) {
	e := read(t, small, "compare=[spot-only, on-demand-only]")
	var told []int
	result, err := e.Run(t.Context(), func(p Progress) { told = append(told, p.Runs) })
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, told)
	require.Equal(t, 9, e.Runs())
	require.Equal(t, []uint64{1, 2, 3}, result.Seeds)
	require.Equal(t, small+"# --set compare=[spot-only, on-demand-only]\n", result.Scenario)
	require.Equal(t, "small", result.Name)
	require.Empty(t, result.Policies[0].Differences)
	for _, policy := range result.Policies {
		require.Len(t, policy.Runs, 3)
		require.Len(t, policy.Metrics, len(Metrics()))
		require.NotEmpty(t, policy.Timeline)
		last := policy.Timeline[len(policy.Timeline)-1]
		require.InDelta(t, policy.Runs[0].Cost, last.Cost, 1e-6, "the timeline is that of the first seed")
		for i, point := range policy.Waits {
			require.True(t, i == 0 || point.Seconds > policy.Waits[i-1].Seconds && point.Share > policy.Waits[i-1].Share)
		}
		require.InDelta(t, 1, policy.Waits[len(policy.Waits)-1].Share, 1e-12)
		mean, found := policy.Metric("cost")
		require.True(t, found)
		require.InDelta(t, (policy.Runs[0].Cost+policy.Runs[1].Cost+policy.Runs[2].Cost)/3, mean.Mean, 1e-9)
		require.True(t, mean.Low < mean.Mean && mean.Mean < mean.High)
	}
	more := result.Policies[1].Differences[0]
	require.Equal(t, "cost", more.Metric)
	own, _ := result.Policies[0].Metric("cost")
	other, _ := result.Policies[1].Metric("cost")
	require.InDelta(t, other.Mean-own.Mean, more.Mean, 1e-9)
	_, found := result.Policies[0].Metric("missedShare")
	require.True(t, found)
	_, found = result.Policies[0].Metric("nothing")
	require.False(t, found)

	result, err = read(t, small, "deadlines=null", "compare=[none]").Run(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, result.Policies, 1)
	_, found = result.Policies[0].Metric("missedShare")
	require.False(t, found, "without deadlines none is missed nor kept")
}

func TestAStoppedContextEndsTheRuns(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	o := options(t, nil)
	o.Open = func(string) (io.ReadCloser, error) { return io.NopCloser(tracestest.NewStream(1 << 50)), nil }
	e, err := Read("long.yaml", []byte("arrivals: { trace: endless.csv }\ninstance: { type: g5.xlarge }\npolicy: { maximum: 100 }\nseeds: 1000\n"), o)
	require.NoError(t, err)
	e.open = func(string) (io.ReadCloser, error) {
		return io.NopCloser(&stopper{tracestest.NewStream(1 << 50), 100, stop}), nil
	}
	_, err = e.Run(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "stopped after 0 of 2000 runs: context canceled")
}

func TestALongRunTellsOfItsJobs(t *testing.T) {
	e := read(t, "arrivals: { perHour: 720000, length: 90m }\ndurations: { distribution: constant, mean: 1s }\ninstance: { type: g5.xlarge, slots: 16 }\npolicy: { maximum: 30 }\ncompare: [none]\nseeds: 1\n")
	var told []Progress
	_, err := e.Run(t.Context(), func(p Progress) { told = append(told, p) })
	require.NoError(t, err)
	require.Len(t, told, 2)
	require.InDelta(t, 1_000_000, told[0].Jobs, 512)
	require.Equal(t, []int{0, 1}, []int{told[0].Runs, told[1].Runs})
}

// stopper is a trace without end that stops a context on the way.
type stopper struct {
	io.Reader
	reads int
	stop  func()
}

func (s *stopper) Read(p []byte) (int, error) {
	if s.reads--; s.reads == 0 {
		s.stop()
	}
	return s.Reader.Read(p)
}

func TestMoreSeedsHoldNoMoreMemory(t *testing.T) {
	e := read(t, small, "spot={outages: [{from: 1h, length: 1h}]}", "arrivals.length=1h", "seeds=100")
	most, runs := uint64(0), 0
	_, err := e.Run(t.Context(), func(Progress) {
		if runs++; runs%40 == 0 {
			var stats runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	})
	require.NoError(t, err)
	require.Less(t, most, uint64(32<<20), "a market alone is half a megabyte")
}

func TestNoPolicyHasMoreOfAKindThanTheGroupMay(t *testing.T) {
	result, err := read(t, small, "compare=[all]", "instance.spotMaximum=2", "instance.onDemandMaximum=0").Run(t.Context(), nil)
	require.NoError(t, err)
	for _, policy := range result.Policies {
		for _, run := range policy.Runs {
			require.Zero(t, run.OnDemandSeconds, policy.ID)
		}
		for _, sample := range policy.Timeline {
			// Instances that were given notice are billed beside those that take their place.
			require.LessOrEqual(t, sample.Spot, 4.0, policy.ID)
		}
	}
}
