package act_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/act/acttest"
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

func TestAnUpdateNeverWaitsForAWS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := acttest.NewFleet()
		cluster.Latency = 5 * time.Second
		actors, end := fleet(cluster, &acttest.Places{}, 1, 1)
		defer end()
		began := time.Now()
		for range 1000 {
			actors[0].Update(sick, observe.Notices{})
		}
		require.Zero(t, time.Since(began))
	})
}

func TestASpotNoticeIsActedOnWhileAnotherCallHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := acttest.NewFleet()
		cluster.Add(member(0), 2)
		host := slowCensus{cluster.Host(member(0))}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		actor := act.New(act.Options{Mode: act.Protect, Cluster: host, Group: host, Places: &acttest.Places{}})
		go actor.Run(ctx)
		actor.Update(sick, observe.Notices{})
		time.Sleep(time.Second)
		actor.Update(sick, observe.Notices{Spot: &observe.SpotNotice{Action: "terminate", Time: time.Now().Add(2 * time.Minute)}})
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, []string{"drain"}, cluster.Calls(member(0)))
	})
}

// slowCensus hangs as long as it is let.
type slowCensus struct{ *acttest.Host }

func (slowCensus) Census(ctx context.Context) (act.Census, error) {
	<-ctx.Done()
	return act.Census{}, ctx.Err()
}

func TestWhatACureDoesNotTakeTheHostForIsLeftAlone(t *testing.T) {
	for name, verdict := range map[string]health.Judgement{
		"too little is known":       {State: nodestatus.InsufficientData, Reason: "MONITOR_FAILED", Action: finding.None},
		"the agent starts":          {State: nodestatus.Initializing, Reason: "STARTING"},
		"a task should be started":  {State: nodestatus.Impaired, Reason: "CONTAINER_LOST_GPU", Action: finding.RestartTask},
		"a sickness without a cure": {State: nodestatus.Impaired, Reason: "POWER_BRAKE", Action: finding.None},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := acttest.NewFleet()
				actors, end := fleet(cluster, &acttest.Places{}, 1, 1)
				actors[0].Update(verdict, observe.Notices{})
				time.Sleep(time.Hour)
				end()
				require.Empty(t, cluster.Calls(member(0)))
			})
		})
	}
}

func TestADrainGoesOnWhileTooLittleIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := acttest.NewFleet()
		actors, end := fleet(cluster, &acttest.Places{}, 1, 1)
		defer end()
		actors[0].Update(sick, observe.Notices{})
		time.Sleep(10 * time.Second)
		actors[0].Update(health.Judgement{State: nodestatus.InsufficientData, Reason: "MONITOR_FAILED"}, observe.Notices{})
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{"drain"}, cluster.Calls(member(0)))
		cluster.SetTasks(member(0), 1)
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{"drain", "unhealthy"}, cluster.Calls(member(0)))
	})
}

func TestAFailingCallIsTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := acttest.NewFleet()
		cluster.Fail("census", context.DeadlineExceeded)
		actors, end := fleet(cluster, &acttest.Places{}, 1, 1)
		defer end()
		actors[0].Update(sick, observe.Notices{})
		time.Sleep(time.Hour)
		failures := actors[0].Report().Failures["census"]
		require.Greater(t, failures, uint64(20))
		require.Less(t, failures, uint64(80))
	})
}

func TestOnlyADrainOfOnesOwnIsRemembered(t *testing.T) {
	since := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	for phase, kept := range map[act.Phase]bool{act.Watching: false, act.Waiting: false, act.Draining: true, act.Replacing: true} {
		memory := act.MemoryOf(act.Report{Phase: phase, Since: since, Reason: "XID_79"})
		require.Equal(t, kept, memory == act.Memory{Phase: phase, Since: since, Reason: "XID_79"}, phase)
	}
}
