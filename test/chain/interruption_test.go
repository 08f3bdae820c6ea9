package chain

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity"
	"tandem/runtime/jobs"
	"tandem/runtime/nodestatus"
)

// TestAJobGoesOnElsewhereWhenEC2TakesItsInstance times each link: EC2's notice,
// the agent's status file, the checkpoint, the lease, the replacement that the
// controller asks for, and the job on another host.
func TestAJobGoesOnElsewhereWhenEC2TakesItsInstance(t *testing.T) {
	w := newWorld(t)
	b := binaries{agent: w.build("tandem/gpuagent"), worker: w.build("tandem/runtime/worker/cmd/worker"), counter: w.build("tandem/test/chain/counter")}
	job := w.submit()
	w.handle(map[string]any{"source": "tandem.wake", "worker": worker, "at": time.Now().UnixMilli()})
	tasks, instances := w.desired()
	require.Equal(t, []int{1, 1}, []int{tasks, instances}, "one task on one instance")

	first := w.newHost("first", b)
	w.until("the job is some way along", 30*time.Second, func() bool {
		job := w.job(job.ID)
		return job.State == jobs.Running && time.Since(job.Started) > 2*time.Second
	})

	began := time.Now()
	links := map[string]time.Duration{}
	first.takeBack()
	doomed := w.instances()[0]
	events := make(chan time.Duration, 1)
	go func() {
		// EventBridge tells the controller at the same moment.
		w.handle(map[string]any{"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning",
			"time": began.UTC().Format(time.RFC3339), "detail": map[string]any{"instance-id": doomed, "instance-action": "terminate"}})
		events <- time.Since(began)
	}()
	w.until("the agent writes the notice down", 10*time.Second, func() bool {
		status, err := nodestatus.Read(first.status)
		return err == nil && status.Spot != nil
	})
	links["1 the agent's file"] = time.Since(began)
	w.until("the lease is released", 30*time.Second, func() bool { return w.job(job.ID).State == jobs.Queued })
	links["2 checkpoint saved, lease released"] = time.Since(began)
	links["3 replacement asked for"] = <-events

	_, instances = w.desired()
	require.Equal(t, 2, instances, "one for the job, beside the one that goes")
	state, err := w.fleet.Latest(t.Context())
	require.NoError(t, err)
	require.Len(t, state.Trouble[group], 1)
	require.Equal(t, capacity.Interruption, state.Trouble[group][0].Kind)
	interrupted := w.job(job.ID)
	require.Equal(t, 1, interrupted.Interruptions)
	require.Zero(t, interrupted.Attempts, "an interruption is not a failure")

	w.newHost("second", b)
	started := time.Now()
	w.until("the job goes on", 30*time.Second, func() bool { return w.job(job.ID).State == jobs.Running })
	links["4 claimed by the second host, after its start"] = time.Since(started)
	w.until("the job ends", 60*time.Second, func() bool { return w.job(job.ID).State.Terminal() })
	ended := w.job(job.ID)
	require.Equal(t, jobs.Succeeded, ended.State, ended.Failure)
	var result struct{ ResumedAt, Count int }
	require.NoError(t, json.Unmarshal(ended.Result.Inline, &result))
	require.Equal(t, 60, result.Count)
	require.Greater(t, result.ResumedAt, 10, "from the checkpoint, not from the start")
	for _, link := range []string{"1 the agent's file", "2 checkpoint saved, lease released", "3 replacement asked for", "4 claimed by the second host, after its start"} {
		t.Logf("%-46s %6.2f s", link, links[link].Seconds())
	}
	require.Less(t, links["3 replacement asked for"], 5*time.Second)
	require.Less(t, links["2 checkpoint saved, lease released"], 20*time.Second)
}
