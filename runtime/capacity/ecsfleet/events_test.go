package ecsfleet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
)

func (f *fakeCloud) event(kind, detail string) json.RawMessage {
	return fmt.Appendf(nil, `{"source":"aws.x","detail-type":%q,"time":%q,"detail":%s}`, kind, f.now.Format(time.RFC3339), detail)
}

func TestASpotNoticeAsksForAReplacementBeforeTheInstanceIsGone(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{InFlight: 2}
	f.services["analyser-spot"].desired, f.services["analyser-spot"].running = 1, 1
	f.addInstance("small-spot", "i-doomed")
	notice := f.event("EC2 Spot Instance Interruption Warning", `{"instance-id":"i-doomed","instance-action":"terminate"}`)
	require.NoError(t, f.controller().Handle(t.Context(), notice))
	require.Equal(t, []string{"small-spot=2"}, f.changes)
	require.Equal(t, []capacity.Trouble{{Kind: capacity.Interruption, At: f.now, Spot: true, Zone: "us-east-1a", Type: "g5.12xlarge"}}, f.snapshot.State.Trouble["small"])
	require.Contains(t, f.metrics.String(), `"Interruptions":1`)

	require.NoError(t, f.controller().Handle(t.Context(), notice))
	f.now = f.now.Add(time.Second)
	again := f.event("EC2 Spot Instance Interruption Warning", `{"instance-id":"i-doomed","instance-action":"terminate"}`)
	require.NoError(t, f.controller().Handle(t.Context(), again))
	require.Len(t, f.snapshot.State.Trouble["small"], 1, "told thrice, counted once")
	require.NoError(t, f.controller().Handle(t.Context(), f.event("EC2 Spot Instance Interruption Warning", `{"instance-id":"i-of-somebody-else"}`)))
	require.Len(t, f.snapshot.State.Trouble["small"], 1)

	f.groups["small-spot"] = nil
	f.now = f.now.Add(61 * time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Empty(t, f.snapshot.State.Trouble, "kept for an hour")
	require.Empty(t, f.snapshot.State.Doomed)
}

func TestSickAndDrainingInstancesAreReplaced(t *testing.T) {
	f := newCloud()
	f.depths[training] = jobs.Depth{Visible: 1}
	f.addInstance("small-spot", "i-sick")
	f.groups["small-spot"][0].HealthStatus = new(string)
	*f.groups["small-spot"][0].HealthStatus = "Unhealthy"
	f.addInstance("small-spot", "i-draining")
	f.addInstance("small-spot", "i-ending")
	f.groups["small-spot"][2].LifecycleState = autoscalingtypes.LifecycleStateTerminatingWait
	f.desired["small-spot"], f.draining = 2, []string{"i-draining"}
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 3, f.desired["small-spot"])
}

func TestALaunchThatFailedIsKnownByItsReason(t *testing.T) {
	f := newCloud()
	for message, reason := range map[string]string{
		`Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed.`: "InsufficientInstanceCapacity",
		`You have requested more vCPU capacity than your current vCPU limit of 8 allows (VcpuLimitExceeded). Launching EC2 instance failed.`:                            "VcpuLimitExceeded",
		`Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded. Launching EC2 instance failed.`:                              "MaxSpotInstanceCountExceeded",
		`something else went wrong`: "something else went wrong",
	} {
		f.snapshot.State.Trouble = nil
		detail := fmt.Sprintf(`{"AutoScalingGroupName":"small-spot","StatusMessage":%q,"Details":{"Availability Zone":"us-east-1b","Subnet ID":"subnet-1"}}`, message)
		for range 2 { // events are delivered at least once
			require.NoError(t, f.controller().Handle(t.Context(), f.event("EC2 Instance Launch Unsuccessful", detail)))
		}
		require.Equal(t, []capacity.Trouble{{Kind: capacity.LaunchFailure, At: f.now, Spot: true, Zone: "us-east-1b", Reason: reason}}, f.snapshot.State.Trouble["small"])
	}
	require.Contains(t, f.metrics.String(), `"LaunchFailures":1`)
}

func TestAWakeStandsForAMessageThatTheQueueDoesNotCountYet(t *testing.T) {
	f := newCloud()
	wake := ecsfleet.Trigger{Source: ecsfleet.Wake, Worker: "analyser", At: f.now.Add(-300 * time.Millisecond)}
	require.NoError(t, f.controller().Run(t.Context(), wake))
	require.Equal(t, map[string]int{"analyser-spot": 1, "analyser-od": 0, "trainer-spot": 0}, f.counts())
	require.Equal(t, map[string]int{"small-spot": 1}, f.desired, "one instance, exactly")
	require.Contains(t, f.metrics.String(), `"WakeSeconds":0.3`)

	f.now = f.now.Add(time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 1, f.services["analyser-spot"].desired, "the count may still lag")
	f.now = f.now.Add(time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Zero(t, f.services["analyser-spot"].desired, "by now it would be seen")
}

func TestAfterAWakeTheBurstsLastJobCounts(t *testing.T) {
	for name, failing := range map[string]error{"": nil, "and the first look may fail": errors.New("throttled")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newCloud()
				f.depths[normal] = jobs.Depth{Visible: 1}
				f.fails["Query"] = failing
				done := make(chan error)
				go func() {
					done <- f.controller().Handle(t.Context(), []byte(`{"source":"tandem.wake","worker":"analyser","at":1764000000000,"again":5000}`))
				}()
				time.Sleep(time.Second)
				f.mutex.Lock()
				f.fails["Query"] = nil
				f.depths[normal] = jobs.Depth{Visible: 1000}
				f.mutex.Unlock()
				require.NoError(t, <-done)
				require.Equal(t, 10, f.services["analyser-spot"].desired)
			})
		})
	}
}

func TestATaskTellsHowLongEachStageTook(t *testing.T) {
	f := newCloud()
	detail := fmt.Sprintf(`{"taskArn":"t1","group":"service:analyser-spot","lastStatus":"RUNNING","createdAt":%q,"pullStartedAt":%q,"pullStoppedAt":%q,"startedAt":%q}`,
		f.now.Add(-200*time.Second).Format(time.RFC3339), f.now.Add(-110*time.Second).Format(time.RFC3339), f.now.Add(-50*time.Second).Format(time.RFC3339), f.now.Format(time.RFC3339))
	require.NoError(t, f.controller().Handle(t.Context(), f.event("ECS Task State Change", detail)))
	for _, metric := range []string{`"InstanceSeconds":90`, `"PullSeconds":60`, `"StartSeconds":50`} {
		require.Contains(t, f.metrics.String(), metric)
	}
	f.metrics.Reset()
	f.now = f.now.Add(time.Hour)
	require.NoError(t, f.controller().Handle(t.Context(), f.event("ECS Task State Change", detail)))
	require.Empty(t, f.metrics.String(), "told again for another reason")
}

func TestAnythingElseIsTheSchedule(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, raw := range []string{``, `null`, `[]`, `"x"`, `{}`, `{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, `{"detail-type":"EC2 Something","detail":[1]}`} {
		require.Equal(t, ecsfleet.Schedule, ecsfleet.ParseTrigger(json.RawMessage(raw), now).Source, raw)
	}
	require.Equal(t, ecsfleet.Interruption, ecsfleet.ParseTrigger([]byte(`{"detail-type":"EC2 Spot Instance Interruption Warning","detail":7}`), now).Source)
}

func TestCountsAreRestoredAfterADeployAndBusyTasksOfBeforeStay(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 4, InFlight: 3}
	// CloudFormation has set 0; three tasks of the revision before are protected.
	f.services["analyser-spot"].old = 3
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 3+2, f.services["analyser-spot"].desired, "two for what waits, beside those that drain")
	require.Equal(t, []time.Time{f.deployed.Add(time.Hour)}, f.drained, "told by when: deployDrain after the deploy")

	f.services["analyser-spot"].old, f.services["analyser-spot"].running = 1, 2
	f.depths[normal] = jobs.Depth{InFlight: 5}
	f.snapshot.Jobs = fleetstate.Jobs{At: f.now, Workers: map[string]fleetstate.WorkerJobs{"analyser": {
		Running: 5, Revisions: map[int]int{6: 1, 7: 4}, Tasks: map[string]int{fleetreport.Mark("analyser-spot"): 3}}}}
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 3, f.services["analyser-spot"].desired)
}

func TestATaskThatOutlastsItsDrainIsStopped(t *testing.T) {
	f := newCloud()
	f.now = f.deployed.Add(65 * time.Minute)
	f.services["analyser-spot"].old, f.services["analyser-spot"].desired = 1, 1
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Empty(t, f.stopped, "it has heard of it, and may be at its last checkpoint")
	f.now = f.now.Add(6 * time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, []string{"task/old"}, f.stopped)
}

func TestColdStartsAndRatesAreLearned(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 1}
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	for range 4 {
		f.now = f.now.Add(time.Minute)
		require.NoError(t, f.controller().Run(t.Context(), schedule))
	}
	require.NoError(t, f.minute(t.Context()))
	require.InDelta(t, 300, f.snapshot.State.Workers["analyser"].ColdStart, 1)

	for range 240 {
		histogram := f.snapshot.Durations["analyser"]
		histogram.Count += 6
		f.snapshot.Durations = map[string]fleetreport.Histogram{"analyser": histogram}
		require.NoError(t, f.minute(t.Context()))
	}
	require.InDelta(t, 0.1, f.snapshot.State.Workers["analyser"].Rate, 0.005, "six a minute")
	f.snapshot.Durations = nil
	require.NoError(t, f.minute(t.Context()))
	require.InDelta(t, 0.1, f.snapshot.State.Workers["analyser"].Rate, 0.005, "a week's count has gone: that is no rate")
}

func TestAJobThatRunsForDaysIsNotOneThatWaits(t *testing.T) {
	f := newCloud()
	f.depths[training] = jobs.Depth{Delayed: 2}
	f.services["trainer-spot"].desired = 2
	f.settle()
	f.snapshot.Jobs = fleetstate.Jobs{At: f.now, Workers: map[string]fleetstate.WorkerJobs{
		"trainer": {Running: 2, Tasks: map[string]int{fleetreport.Mark("trainer-spot"): 2}}}}
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	decided := f.snapshot.State.Decision.Workers["trainer"]
	require.Equal(t, []int{0, 2}, []int{decided.Waiting, decided.Running}, decided.Reason)
	for range 20 {
		require.NoError(t, f.minute(t.Context()))
		require.Equal(t, 2, f.services["trainer-spot"].desired)
	}
}
