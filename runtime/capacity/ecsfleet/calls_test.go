package ecsfleet_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// large is a fleet of so many workers with three priorities and both purchase
// options, on groups of four workers each, and the controller of it.
func large(workers int) (*fakeCloud, func(t *testing.T)) {
	f := newCloud()
	f.services, f.depths = map[string]*fakeService{}, map[jobs.Lane]jobs.Depth{}
	f.groups = map[string][]autoscalingtypes.Instance{}
	fleet := settings.Fleet{Workers: map[string]settings.FleetWorker{}, Groups: map[string]settings.FleetGroup{}}
	var lanes []jobs.Lane
	for i := range workers {
		name, group := fmt.Sprintf("w%d", i), fmt.Sprintf("g%d", i/4)
		fleet.Workers[name] = settings.FleetWorker{Spot: name + "-spot", OnDemand: name + "-od", Group: group, GPUs: 1, Slots: 1, Maximum: 4, TargetBacklog: 1}
		fleet.Groups[group] = settings.FleetGroup{Spot: group + "-spot", OnDemand: group + "-od", GPUs: 1, SpotMaximum: 20, OnDemandMaximum: 20}
		f.services[name+"-spot"], f.services[name+"-od"] = &fakeService{}, &fakeService{}
		f.groups[group+"-spot"], f.groups[group+"-od"] = nil, nil
		for _, priority := range []jobs.Priority{jobs.High, jobs.Normal, jobs.Low} {
			lane := jobs.Lane{Worker: name, Priority: priority}
			lanes, f.depths[lane] = append(lanes, lane), jobs.Depth{}
		}
	}
	controller := ecsfleet.New(ecsfleet.Options{Cluster: "cluster", Lanes: lanes, Fleet: fleet, Depths: f, Services: f, Groups: f, State: f,
		Log: slog.New(slog.NewJSONHandler(&f.log, nil)), Now: func() time.Time { return f.now }})
	return f, func(t *testing.T) {
		f.settle()
		f.now = f.now.Add(time.Minute)
		clear(f.calls)
		require.NoError(t, controller.Run(t.Context(), schedule))
	}
}

// The formula is that of docs/capacity.md.
func TestTheCallsOfARunFollowTheirFormula(t *testing.T) {
	for workers, others := range map[int]int{5: 5, 20: 8, 50: 14} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			f, minute := large(workers)
			queues, services := 3*workers, 2*workers
			describes := (services + 9) / 10
			minute(t)
			require.Equal(t, queues+describes+3, f.total(), "asleep there are no instances, which could drain: %v", f.calls)

			f.depths[jobs.Lane{Worker: "w0", Priority: jobs.High}] = jobs.Depth{Visible: 1}
			minute(t)
			require.Equal(t, queues+describes+3+2, f.total(), "one service and one group are changed: %v", f.calls)
			minute(t)
			require.Equal(t, queues+describes+4, f.total(), "there is an instance now: %v", f.calls)
			require.Equal(t, others, f.total()-queues)
		})
	}
}

func TestAControllerThatWasAwayForTenMinutesCatchesUpInOneRun(t *testing.T) {
	f := newCloud()
	f.depths[normal] = jobs.Depth{Visible: 4}
	require.NoError(t, f.minute(t.Context()))
	f.settle()
	f.depths[normal], f.depths[training] = jobs.Depth{Visible: 12, InFlight: 4}, jobs.Depth{Visible: 1}
	f.services["analyser-spot"].desired = 0 // a deploy
	f.now = f.now.Add(10 * time.Minute)
	require.NoError(t, f.controller().Run(t.Context(), schedule))
	require.Equal(t, map[string]int{"analyser-spot": 6, "analyser-od": 0, "trainer-spot": 1}, f.counts())
	require.Equal(t, 3, f.desired["small-spot"])
}

func TestAWorkerThatLeftTheConfigurationLeavesNothingBehind(t *testing.T) {
	f := newCloud()
	f.snapshot.State.Workers = map[string]fleetstate.Worker{"gone": {Rate: 1, Asked: f.now}}
	f.snapshot.State.Decision.Workers = map[string]fleetstate.WorkerDecision{"gone": {Spot: 3}}
	f.snapshot.Jobs = fleetstate.Jobs{Workers: map[string]fleetstate.WorkerJobs{"gone": {Running: 3, Oldest: f.now}}}
	f.services["gone-spot"] = &fakeService{desired: 3, running: 3}
	f.depths[normal] = jobs.Depth{Visible: 2}
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, 3, f.services["gone-spot"].desired, "its tasks end with the deploy, by their own drain")
	require.Equal(t, 1, f.services["analyser-spot"].desired)
	require.NotContains(t, f.snapshot.State.Workers, "gone")
	require.NotContains(t, f.snapshot.State.Decision.Workers, "gone")
	require.NotContains(t, f.saved.Tasks, "gone")
}

func TestAnEventOfAClockThatIsAheadCountsAsOfNow(t *testing.T) {
	f := newCloud()
	f.addInstance("small-spot", "i-1")
	ahead := ecsfleet.Trigger{Source: ecsfleet.Interruption, Instance: "i-1", At: f.now.Add(5 * time.Hour)}
	require.NoError(t, f.controller().Run(t.Context(), ahead))
	require.Equal(t, f.now, f.snapshot.State.Trouble["small"][0].At)
	require.Equal(t, f.now, f.snapshot.State.Doomed["i-1"])
}
