package fleetreport_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/fleetreport"
)

func TestAQuantileIsNeverTooShortAndAQuarterTooLongAtMost(t *testing.T) {
	var h fleetreport.Histogram
	require.Zero(t, h.Mean())
	require.Zero(t, h.Quantile(0.95))
	h.Observe(time.Second)
	h.Observe(100 * time.Second)
	require.Equal(t, 50500*time.Millisecond, h.Mean())
	p50, p95 := h.Quantile(0.5), h.Quantile(0.95)
	require.True(t, p50 >= time.Second && p50 <= 1250*time.Millisecond, "%v", p50)
	require.True(t, p95 >= 100*time.Second && p95 <= 125*time.Second, "%v", p95)

	rapid.Check(t, func(t *rapid.T) {
		var h fleetreport.Histogram
		took := time.Duration(rapid.Int64Range(int64(100*time.Millisecond), int64(14*24*time.Hour)).Draw(t, "took"))
		h.Observe(took)
		p95 := h.Quantile(0.95)
		require.GreaterOrEqual(t, p95, took-time.Microsecond)
		require.LessOrEqual(t, p95.Seconds(), took.Seconds()*1.2501)
	})
}

func TestHistogramsAddUp(t *testing.T) {
	var one, other, both fleetreport.Histogram
	for i := range 50 {
		took := time.Duration(i+1) * time.Minute
		both.Observe(took)
		if i%2 == 0 {
			one.Observe(took)
		} else {
			other.Observe(took)
		}
	}
	one.Add(other)
	require.Equal(t, both, one)
}

// refusing keeps nothing.
type refusing struct{ asked int }

func (r *refusing) AddDurations(context.Context, string, fleetreport.Histogram) error {
	r.asked++
	return errors.New("throttled")
}

func TestWhatCannotBeWrittenIsForgotten(t *testing.T) {
	store := &refusing{}
	recorder := fleetreport.Recorder{Store: store, Worker: "w"}
	recorder.Observe(time.Second)
	require.ErrorContains(t, recorder.Flush(t.Context()), "throttled")
	require.Equal(t, 1, store.asked)
}
