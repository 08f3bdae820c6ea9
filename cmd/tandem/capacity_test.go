package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/capacityview"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/capacity"
	"tandem/runtime/fleetstate"
)

func (a *fakeAccount) Fleet(context.Context, *deployed.Deployment) (fleetstate.State, error) {
	return a.fleet, nil
}

func decided(c *console, before time.Duration) {
	at := c.now.Add(-before)
	c.account.fleet = fleetstate.State{At: at, Decision: fleetstate.Decision{
		LookAgain: at.Add(50 * time.Second),
		Avoid: []capacity.Avoidance{
			{Group: "single", Zone: "us-east-1a", Until: c.now.Add(10 * time.Minute), Reason: "3 troubles within 15m0s"},
			{Group: "single", Type: "g5.xlarge", Until: c.now.Add(-time.Minute), Reason: "2 troubles within 15m0s"},
		},
		Workers: map[string]fleetstate.WorkerDecision{
			"analyser": {Waiting: 37, Running: 8, Wanted: 6, Spot: 4, SpotRunning: 1, OnDemand: 2, OnDemandRunning: 2, Fallback: true,
				Limited: "maximum of 6 tasks", Reason: "37 waiting and 8 running jobs need 9 tasks by the target wait; at most 6"},
			"agent": {Reason: "no jobs"},
		},
	}}
}

func TestTheLastDecisionIsShownWithItsReasons(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	decided(c, 20*time.Second)
	code, out, talk := c.run("capacity", "show", "--env=dev")
	require.Equal(t, exit.OK, code, talk)
	require.Empty(t, talk)
	require.Equal(t, `decided      20s ago
looks again  in 30s

WORKER    WAITING  RUNNING  NEEDS  SPOT    ON DEMAND
agent     0        0        0      0 of 0  0 of 0
analyser  37       8        6      1 of 4  2 of 2

agent: no jobs

analyser: 37 waiting and 8 running jobs need 9 tasks by the target wait; at most 6
  limited: maximum of 6 tasks
  on-demand stands in for spot

trouble piles up:
GROUP   ZONE OR TYPE  FOR  WHY
single  us-east-1a    10m  3 troubles within 15m0s
`, out)

	var view capacityview.View
	require.NoError(t, json.Unmarshal([]byte(c.succeed("capacity", "show", "--env=dev", "--worker=analyser", "--json")), &view))
	require.Len(t, view.Workers, 1)
	require.Equal(t, 1, view.Workers[0].SpotRunning)
	require.Equal(t, 20, view.AgeSeconds)
	require.False(t, view.Stale)
	require.Len(t, view.Avoided, 1, "what is over is not avoided any more")
}

func TestADecisionThatIsOldSaysSo(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	decided(c, 5*time.Minute)
	code, out, talk := c.run("capacity", "show", "--env=dev")
	require.Equal(t, exit.OK, code)
	require.Contains(t, talk, "this is 5m old, and the controller decides each minute")
	require.Contains(t, out, "should have long since")
}

func TestWithoutADecisionThereIsNothingToShow(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	code, _, talk := c.run("capacity", "show", "--env=dev")
	require.Equal(t, exit.NotFound, code)
	require.Contains(t, talk, "has decided nothing yet")

	decided(c, time.Second)
	code, _, talk = c.run("capacity", "show", "--env=dev", "--worker=analyzer")
	require.Equal(t, exit.NotFound, code)
	require.Contains(t, talk, "only for [agent analyser]")
}
