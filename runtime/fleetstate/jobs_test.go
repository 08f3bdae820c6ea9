package fleetstate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
)

func TestAnOwnerComesBackAndFitsIntoALease(t *testing.T) {
	owner := fleetstate.Owner{Task: strings.Repeat("f", 32), Revision: 12345, Family: fleetstate.Mark("family"), Service: fleetstate.Mark("service")}
	require.LessOrEqual(t, len(owner.String()), jobs.MaxOwner)
	require.Equal(t, owner, fleetstate.ParseOwner(owner.String()))
	require.Equal(t, fleetstate.Owner{Task: "host-1"}, fleetstate.ParseOwner("host-1/0"), "a worker outside ECS")
	require.Equal(t, fleetstate.Owner{Task: "t", Revision: 2}, fleetstate.ParseOwner("t/2"), "an older worker")
	require.Empty(t, fleetstate.Mark(""))
	require.NotEqual(t, fleetstate.Mark("a"), fleetstate.Mark("b"))
}

func TestWhatTheSweeperSawGoesStale(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	seen := fleetstate.Jobs{At: at}
	require.True(t, seen.Fresh(at.Add(2*time.Minute)))
	require.False(t, seen.Fresh(at.Add(3*time.Minute)))
	require.False(t, fleetstate.Jobs{}.Fresh(at))
}
