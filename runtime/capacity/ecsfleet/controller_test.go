package ecsfleet_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
)

var schedule = ecsfleet.Trigger{Source: ecsfleet.Schedule}

func TestAFleetFollowsItsQueues(t *testing.T) {
	f := newCloud()
	f.depths[high] = jobs.Depth{Visible: 3}
	f.depths[normal] = jobs.Depth{Visible: 5, Delayed: 2}
	f.depths[training] = jobs.Depth{Visible: 1}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 5, "analyser-od": 0, "trainer-spot": 1}, f.counts())
	require.Equal(t, map[string]int{"small-spot": 3}, f.desired, "two for five tasks, one for the trainer")
	require.Equal(t, map[string]int{"analyser": 5, "trainer": 1}, f.saved.Tasks)

	f.changes = nil
	require.NoError(t, f.minute(t.Context()))
	require.Empty(t, f.changes, "what is so already is not set again")

	f.depths = map[jobs.Lane]jobs.Depth{high: {}, normal: {}, training: {}}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 5, f.services["analyser-spot"].desired, "idle spot stays for a while")
	for range 6 {
		require.NoError(t, f.minute(t.Context()))
	}
	require.Equal(t, map[string]int{"analyser-spot": 0, "analyser-od": 0, "trainer-spot": 0}, f.counts())
	require.Equal(t, map[string]int{"small-spot": 3}, f.desired, "instances are taken away by ECS's own scaling")
	require.Equal(t, map[string]int{"analyser": 0, "trainer": 0}, f.saved.Tasks)
}

func TestARunTakesFewCalls(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 1}
	require.NoError(t, f.minute(t.Context()))
	queues, services, groups := 3, 1, 1
	require.LessOrEqual(t, f.total(), queues+services+6, "from zero, with the group set: %v", f.calls)

	clear(f.calls)
	f.settle()
	f.draining = []string{"i-small-spot-0"}
	require.NoError(t, f.minute(t.Context()))
	require.LessOrEqual(t, f.total(), queues+groups+6, "with an instance that drains and is replaced: %v", f.calls)

	clear(f.calls)
	require.NoError(t, f.minute(t.Context()))
	require.LessOrEqual(t, f.total(), queues+6, "while it drains: %v", f.calls)
}

func TestARunThatCannotSeeChangesNothing(t *testing.T) {
	for _, call := range []string{"Query", "DescribeServices", "DescribeAutoScalingGroups", "ListContainerInstances", "GetQueueAttributes", "PutItem"} {
		t.Run(call, func(t *testing.T) {
			f := newCloud()
			f.addInstance("small-spot", "i-1")
			f.depths[normal] = jobs.Depth{Visible: 8}
			f.fails[call] = errors.New("ThrottlingException")
			require.ErrorContains(t, f.minute(t.Context()), "ThrottlingException")
			require.Empty(t, f.changes)
		})
	}
}

func TestWhatIsGoneDoesNotHoldUpTheRestAndIsToldAgainAndAgain(t *testing.T) {
	f := newCloud()
	delete(f.services, "trainer-spot")
	delete(f.groups, "small-od")
	f.depths[normal] = jobs.Depth{Visible: 2}
	err := f.minute(t.Context())
	require.ErrorContains(t, err, "ECS does not know the service trainer-spot; deploy the Workers stack again")
	require.ErrorContains(t, err, "the group small-od")
	require.Equal(t, 1, f.services["analyser-spot"].desired)

	f = newCloud()
	delete(f.depths, training)
	f.depths[normal] = jobs.Depth{Visible: 2}
	f.services["trainer-spot"].desired = 2
	require.ErrorContains(t, f.minute(t.Context()), "the queue of trainer/normal does not exist")
	require.Equal(t, 2, f.services["trainer-spot"].desired, "left as it is")
	require.Equal(t, 1, f.services["analyser-spot"].desired)
}

func TestOneBrokenServiceDoesNotHoldUpTheOthers(t *testing.T) {
	f := newCloud()
	f.fails["analyser-spot"] = errors.New("ServiceNotActiveException")
	f.depths[normal], f.depths[training] = jobs.Depth{Visible: 8}, jobs.Depth{Visible: 1}
	require.ErrorContains(t, f.minute(t.Context()), "scaling worker analyser: setting service analyser-spot to 4 tasks: ServiceNotActiveException")
	require.Equal(t, 1, f.services["trainer-spot"].desired)
	delete(f.fails, "analyser-spot")
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 4, f.services["analyser-spot"].desired, "the next run makes up for it")
}

func TestCountsThatLagAreSetOnceMoreAndEndRight(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 4}
	require.NoError(t, f.minute(t.Context()))
	f.lags["analyser-spot"] = fakeService{}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 2, f.services["analyser-spot"].desired, "the same count again, not a sum")
	delete(f.lags, "analyser-spot")
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 2, f.services["analyser-spot"].desired)
	require.Equal(t, 1, f.desired["small-spot"])
}

func TestCountsThatLieNeverBreakTheBounds(t *testing.T) {
	for name, lie := range map[string]fakeService{
		"more run than were asked for":  {desired: 1, running: 50},
		"fewer than none":               {desired: -3, running: -2, pending: -9},
		"nothing runs of what was set":  {desired: 10, running: 0},
		"old tasks that are not there":  {desired: 0, running: 0, old: 4},
		"a count beyond all that is":    {desired: 1 << 20, running: 1 << 20},
		"pending beyond what is wanted": {desired: 1, pending: 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			f := newCloud()
			f.depths[normal] = jobs.Depth{Visible: 8, InFlight: 2}
			f.lags["analyser-spot"], f.lags["analyser-od"] = lie, lie
			for range 30 {
				require.NoError(t, f.minute(t.Context()))
				require.LessOrEqual(t, f.desired["small-spot"], 3)
				require.LessOrEqual(t, f.desired["small-od"], 2)
				tasks := f.snapshot.State.Decision.Workers["analyser"]
				require.LessOrEqual(t, tasks.Spot+tasks.OnDemand, 10)
				require.GreaterOrEqual(t, tasks.Spot, 0)
			}
		})
	}
}

func TestOfTwoRunsAtOnceOneChangesNothing(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 1}
	f.overtaken = 1
	require.NoError(t, f.minute(t.Context()))
	require.Empty(t, f.changes, "the schedule's loser leaves it to the other")

	f.overtaken = 2
	require.NoError(t, f.controller().Run(t.Context(), ecsfleet.Trigger{Source: ecsfleet.Wake, Worker: "analyser", At: f.now}))
	require.Equal(t, 1, f.services["analyser-spot"].desired, "a wake is not lost")
}

func TestManyRunsAtOnceEndWhereOneWould(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 6}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_ = f.controller().Run(t.Context(), ecsfleet.Trigger{Source: ecsfleet.Wake, Worker: "analyser", At: f.now})
		})
	}
	group.Wait()
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 3, "analyser-od": 0, "trainer-spot": 0}, f.counts())
	require.Equal(t, map[string]int{"small-spot": 1}, f.desired)
}

func TestMemoryOutlivesTheProcess(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 2}
	run := func() {
		f.now = f.now.Add(time.Minute)
		require.NoError(t, f.controller().Run(t.Context(), schedule)) // a new controller each time
	}
	for range 5 {
		run()
	}
	require.Zero(t, f.services["analyser-od"].desired)
	run()
	run()
	require.Equal(t, 1, f.services["analyser-od"].desired, "spot has not come for five minutes")
	require.True(t, f.snapshot.State.Decision.Workers["analyser"].Fallback)
	require.Contains(t, f.snapshot.State.Decision.Workers["analyser"].Reason, "stand in")
	for range 2 {
		run()
	}
	require.Contains(t, f.metrics.String(), `"FallbackSeconds":120`)
}

func TestADecisionIsWrittenForPeople(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 400}
	require.NoError(t, f.minute(t.Context()))
	got := f.snapshot.State.Decision.Workers["analyser"]
	require.Equal(t, 400, got.Waiting)
	require.Equal(t, 200, got.Wanted)
	require.Equal(t, 10, got.Spot)
	require.Equal(t, "maximum of 10 tasks", got.Limited)
	require.Contains(t, got.Reason, "400 waiting")
	var line struct {
		AWS struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
		LimitedWorkers float64
		Environment    string
	}
	require.NoError(t, json.Unmarshal(f.metrics.Bytes(), &line), f.metrics.String())
	require.Equal(t, 1., line.LimitedWorkers)
	require.NotContains(t, f.metrics.String(), "Seconds", "a metric that is zero is not paid for")
	require.Equal(t, "dev", line.Environment)
	require.Equal(t, "Tandem/Capacity", line.AWS.CloudWatchMetrics[0].Namespace)
	require.Equal(t, "LimitedWorkers", line.AWS.CloudWatchMetrics[0].Metrics[0].Name)
	require.Equal(t, 1, strings.Count(f.log.String(), `"worker":"analyser"`))
}

func TestAnAgentMayDrainOnlyWhereAnotherInstanceCouldBeHad(t *testing.T) {
	spare := func(prepare func(f *fakeCloud)) bool {
		f := newCloud()
		f.depths[normal] = jobs.Depth{Visible: 2}
		require.NoError(t, f.minute(t.Context()))
		require.False(t, f.snapshot.State.Spare.Spare, "no instance yet")
		prepare(f)
		require.NoError(t, f.minute(t.Context()))
		return f.snapshot.State.Spare.Spare
	}
	require.True(t, spare(func(*fakeCloud) {}))
	require.False(t, spare(func(f *fakeCloud) {
		failed := capacity.Trouble{Kind: capacity.LaunchFailure, At: f.now, Spot: true, Reason: "InsufficientInstanceCapacity"}
		f.snapshot.State.Trouble = map[string][]capacity.Trouble{"small": {failed}}
	}), "the last launch failed")
	require.False(t, spare(func(f *fakeCloud) { f.draining = []string{"i-small-spot-0"} }), "another drains")
	require.False(t, spare(func(f *fakeCloud) { f.desired["small-spot"] = 3 }), "at the maximum")
}

func TestTheAgentsAreToldOnlyWhatTheyDoNotKnow(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{InFlight: 2}
	f.services["analyser-spot"].desired = 1
	f.desired["small-spot"] = 1
	told := 0
	for range 20 {
		require.NoError(t, f.minute(t.Context()))
		if f.saved.Spare != nil {
			told++
			require.True(t, f.saved.Spare.Spare)
			require.Equal(t, f.now.Add(10*time.Minute), f.saved.Spare.Until)
		}
	}
	require.Equal(t, 4, told, "each five minutes")
}

func TestJobsWithoutSlackGoOnDemand(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 1}
	var durations fleetreport.Histogram
	for range 20 {
		durations.Observe(time.Hour)
	}
	f.snapshot.Durations = map[string]fleetreport.Histogram{"analyser": durations}
	f.snapshot.Jobs = fleetstate.Jobs{At: f.now, Workers: map[string]fleetstate.WorkerJobs{
		"analyser": {Oldest: f.now.Add(-time.Minute), Deadlines: []fleetstate.Deadline{{At: f.now.Add(80 * time.Minute)}}}}}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, map[string]int{"analyser-spot": 0, "analyser-od": 1, "trainer-spot": 0}, f.counts())

	f.snapshot.Jobs.At = f.now.Add(-time.Hour)
	f.now = f.now.Add(time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, 1, f.services["analyser-spot"].desired, "what the sweeper said an hour ago tells nothing")
}
