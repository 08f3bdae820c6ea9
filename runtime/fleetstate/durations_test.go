package fleetstate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/fleetstate"
)

func TestAQuantileIsNeverTooShortAndAQuarterTooLongAtMost(t *testing.T) {
	var h fleetstate.Histogram
	require.Zero(t, h.Estimate())
	h.Observe(time.Second)
	h.Observe(100 * time.Second)
	got := h.Estimate()
	require.Equal(t, 50500*time.Millisecond, got.Mean)
	require.True(t, got.P50 >= time.Second && got.P50 <= 1250*time.Millisecond, "%v", got.P50)
	require.True(t, got.P95 >= 100*time.Second && got.P95 <= 125*time.Second, "%v", got.P95)

	rapid.Check(t, func(t *rapid.T) {
		var h fleetstate.Histogram
		took := time.Duration(rapid.Int64Range(int64(100*time.Millisecond), int64(14*24*time.Hour)).Draw(t, "took"))
		h.Observe(took)
		p95 := h.Estimate().P95
		require.GreaterOrEqual(t, p95, took-time.Microsecond)
		require.LessOrEqual(t, p95.Seconds(), took.Seconds()*1.2501)
	})
}

func TestHistogramsAddUp(t *testing.T) {
	var one, other, both fleetstate.Histogram
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
	require.Equal(t, both.Estimate(), one.Estimate())
}

// refusing keeps nothing.
type refusing struct{ asked int }

func (r *refusing) AddDurations(context.Context, string, fleetstate.Histogram) error {
	r.asked++
	return errors.New("throttled")
}

func TestWhatCannotBeWrittenIsForgotten(t *testing.T) {
	store := &refusing{}
	recorder := fleetstate.Recorder{Store: store, Worker: "w"}
	recorder.Observe(time.Second)
	require.ErrorContains(t, recorder.Flush(t.Context()), "throttled")
	require.Equal(t, 1, store.asked)
}
