package fleetstate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/fleetstate"
)

func TestWhatTheSweeperSawGoesStale(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	seen := fleetstate.Jobs{At: at}
	require.True(t, seen.Fresh(at.Add(2*time.Minute)))
	require.False(t, seen.Fresh(at.Add(3*time.Minute)))
	require.False(t, fleetstate.Jobs{}.Fresh(at))
}
