package jobwatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity/jobwatch"
	"tandem/runtime/fleetreport"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func running(id, owner string) jobs.Job {
	return jobs.Job{ID: id, Worker: "w", State: jobs.Running, Lease: jobs.Lease{Owner: owner, Until: now.Add(time.Minute)}, Started: now.Add(-time.Hour)}
}

func TestRunningJobsTellWhichTasksAreBusy(t *testing.T) {
	var watch jobwatch.Watch
	owner := func(task string, revision int, service string) string {
		return fleetreport.Owner{Task: task, Revision: revision, Family: "f", Service: service}.String()
	}
	watch.See(running("1", owner("a", 7, "s1")), now)
	watch.See(running("2", owner("a", 7, "s1")), now)
	watch.See(running("2", owner("a", 7, "s1")), now)
	watch.See(running("3", owner("b", 6, "s2")), now)
	late := running("4", owner("c", 6, "s2"))
	late.Lease.Until = now
	watch.See(late, now)
	got := watch.Jobs(now).Workers["w"]
	require.Equal(t, 3, got.Running, "seen twice counts once, and a lease that has ended is nobody's")
	require.Equal(t, map[string]int{"s1": 1, "s2": 1}, got.Tasks, "tasks, not jobs")
	require.Equal(t, map[int]int{7: 2, 6: 1}, got.Revisions)
}

func TestDeadlinesAreTheNearest(t *testing.T) {
	var watch jobwatch.Watch
	for i := range 300 {
		watch.See(jobs.Job{ID: fmt.Sprint(i), Worker: "w", State: jobs.Queued, Deadline: now.Add(time.Duration(300-i) * time.Minute), QueuedAt: now.Add(-time.Duration(i) * time.Second)}, now)
	}
	job := running("r", "t/1/f/s1")
	job.Deadline, job.Progress.Percent = now.Add(time.Second), 40
	watch.See(job, now)
	watch.See(jobs.Job{ID: "over", Worker: "w", State: jobs.Queued, Deadline: now}, now)
	got := watch.Jobs(now).Workers["w"]
	require.Len(t, got.Deadlines, 200)
	require.Equal(t, fleetstate.Deadline{At: job.Deadline, Started: job.Started, Service: "s1", Percent: 40}, got.Deadlines[0])
	require.Equal(t, now.Add(time.Minute), got.Deadlines[1].At)
	require.Equal(t, time.Time{}, got.Deadlines[1].Started)
}

func TestASweepTellsWhatItReads(t *testing.T) {
	lane := jobs.Lane{Worker: "w", Priority: jobs.Normal}
	store, queue := memory.NewStore(), memory.NewQueue(lane)
	service := jobs.NewService(jobs.ServiceOptions{Store: store, Queue: queue, Lanes: []jobs.Lane{lane}})
	deadline := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	for _, at := range []time.Time{{}, deadline} {
		_, _, err := service.Submit(t.Context(), jobs.Submission{Tenant: "acme", Worker: "w", Deadline: at, Input: []byte("{}")})
		require.NoError(t, err)
	}
	var watch jobwatch.Watch
	sweeper := jobs.NewSweeper(jobs.SweeperOptions{Store: store, Queue: queue, Lanes: []jobs.Lane{lane}, Seen: watch.See})
	_, err := sweeper.RunOnce(t.Context())
	require.NoError(t, err)
	got := watch.Jobs(time.Now()).Workers["w"]
	require.Equal(t, []fleetstate.Deadline{{At: deadline}}, got.Deadlines)
	require.False(t, got.Oldest.IsZero())
}
