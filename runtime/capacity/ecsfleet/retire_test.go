package ecsfleet_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
	"tandem/runtime/capacity/ecsfleet"
	"tandem/runtime/jobs"
)

// rolling is a fleet of two instances that a deploy has given another template,
// with jobs enough to keep both.
func rolling() *fakeCloud {
	f := newCloud()
	f.template = "7"
	f.addInstance("small-spot", "i-1")
	f.addInstance("small-spot", "i-2")
	f.template = "8"
	f.depths[normal] = jobs.Depth{InFlight: 16}
	f.services["analyser-spot"].desired = 8
	f.tasks = map[string][]string{
		"i-1": {"agent#1", "analyser-spot#1-busy"},
		"i-2": {"agent#2", "analyser-spot#2", "analyser-spot#3"},
	}
	return f
}

func TestInstancesOfAnEarlierTemplateAreReplacedWhenTheirWorkersAreIdle(t *testing.T) {
	f := rolling()
	require.NoError(t, f.minute(t.Context()))
	require.NoError(t, f.minute(t.Context()))
	require.Equal(t, []string{"i-2"}, f.retired, "in turns, and i-1 is busy")

	f.tasks["i-1"] = []string{"analyser-spot#1"}
	for range 3 {
		require.NoError(t, f.minute(t.Context()))
	}
	require.Len(t, f.retired, 1, "one at a time: its replacement has not come")

	f.groups["small-spot"] = f.groups["small-spot"][:1]
	for range 2 {
		require.NoError(t, f.minute(t.Context())) // which brings the replacement
	}
	require.Equal(t, []string{"i-2", "i-1"}, f.retired)
	f.groups["small-spot"] = f.groups["small-spot"][1:]
	f.retired = nil
	for range 4 {
		require.NoError(t, f.minute(t.Context()))
	}
	require.Empty(t, f.retired, "all are of the template of now")
}

func TestAnInstanceOfAnEarlierTemplateStays(t *testing.T) {
	tests := map[string]func(f *fakeCloud){
		"while a worker on it has a job":                 func(f *fakeCloud) { f.tasks["i-2"] = append(f.tasks["i-2"], "analyser-spot#4-busy") },
		"while a worker on it is not known to be idle":   func(f *fakeCloud) { f.tasks["i-2"] = append(f.tasks["i-2"], "analyser-spot#4?") },
		"where no worker runs: ECS lets it go by itself": func(f *fakeCloud) { f.tasks["i-2"] = []string{"agent#2"} },
		"while another drains":                           func(f *fakeCloud) { f.draining = []string{"i-1"} },
		"while another is sick": func(f *fakeCloud) {
			f.groups["small-spot"][0].HealthStatus = new(string)
			*f.groups["small-spot"][0].HealthStatus = "Unhealthy"
		},
		"where spot could not be had lately": func(f *fakeCloud) {
			f.snapshot.State.Trouble = map[string][]capacity.Trouble{"small": {{Kind: capacity.LaunchFailure, Spot: true, At: f.now}}}
		},
		"where the template's version is no number": func(f *fakeCloud) { f.template = "$Latest" },
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			f := rolling()
			prepare(f)
			for range 4 {
				require.NoError(t, f.minute(t.Context()))
			}
			require.Empty(t, f.retired)
		})
	}
}

func TestAWakeDoesNotWaitForAnInstanceToBeReplaced(t *testing.T) {
	f := rolling()
	for range 2 {
		f.settle()
		f.now = f.now.Add(time.Minute)
		require.NoError(t, f.controller().Run(t.Context(), ecsfleet.Trigger{Source: ecsfleet.Wake, Worker: "analyser", At: f.now}))
	}
	require.Empty(t, f.retired)
	require.Zero(t, f.calls["GetTaskProtection"])
}

func TestAnInstanceThatCannotBeLookedAtIsToldAndHoldsNothingUp(t *testing.T) {
	f := rolling()
	f.fails["GetTaskProtection"] = errors.New("ThrottlingException")
	f.depths[training] = jobs.Depth{Visible: 1}
	err := errors.Join(f.minute(t.Context()), f.minute(t.Context()))
	require.ErrorContains(t, err, "asking whether its tasks are busy: ThrottlingException")
	require.Empty(t, f.retired)
	require.Equal(t, 1, f.services["trainer-spot"].desired)
}

func TestReplacingInstancesTakesFiveCallsARunAtMost(t *testing.T) {
	f := rolling()
	f.snapshot.State.Spare.Spare, f.snapshot.State.Spare.Until = true, f.now.Add(time.Hour)
	require.NoError(t, f.minute(t.Context()))
	for range 4 {
		clear(f.calls)
		require.NoError(t, f.minute(t.Context()))
		require.LessOrEqual(t, f.total(), 3+1+1+3+5, "%v", f.calls)
	}
}
