package fleetreport_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/fleetreport"
	"tandem/runtime/jobs"
)

func TestAnOwnerComesBackAndFitsIntoALease(t *testing.T) {
	owner := fleetreport.Owner{Task: strings.Repeat("f", 32), Revision: 12345, Family: fleetreport.Mark("family"), Service: fleetreport.Mark("service")}
	require.LessOrEqual(t, len(owner.String()), jobs.MaxOwner)
	require.Equal(t, owner, fleetreport.ParseOwner(owner.String()))
	require.Equal(t, fleetreport.Owner{Task: "host-1"}, fleetreport.ParseOwner("host-1/0"), "a worker outside ECS")
	require.Equal(t, fleetreport.Owner{Task: "t", Revision: 2}, fleetreport.ParseOwner("t/2"), "an older worker")
	require.Empty(t, fleetreport.Mark(""))
	require.NotEqual(t, fleetreport.Mark("a"), fleetreport.Mark("b"))
}
