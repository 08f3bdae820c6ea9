package jobstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// Kit is a set of adapters that work together. The queue knows [QueueLane] and
// [jobs.WebhookLane].
type Kit struct {
	Store jobs.Store
	Queue jobs.Queue
	Blobs jobs.Blobs
}

// RunContract shows that submit, claim, commit and all that may come between
// hold upon a set of adapters. Open makes an empty set for each test.
func RunContract(t *testing.T, open func(t *testing.T) Kit) {
	for _, part := range []struct {
		name  string
		tests []contractTest
	}{
		{"submitting", submitTests},
		{"reading", readTests},
		{"cancelling", cancelTests},
		{"claiming", claimTests},
		{"ending", endTests},
		{"redriving", redriveTests},
		{"sweeping", sweepTests},
		{"telling", webhookTests},
	} {
		for _, test := range part.tests {
			t.Run(part.name+"/"+test.name, func(t *testing.T) { test.run(newRig(t, open(t))) })
		}
	}
}

type contractTest struct {
	name string
	run  func(r *rig)
}

// rig is the whole of the contract on one set of adapters, with a clock that
// stands still until it is moved.
type rig struct {
	*testing.T
	Kit
	clock   *Clock
	service *jobs.Service
	runner  *jobs.Runner
	sweeper *jobs.Sweeper
	outbox  *jobs.Outbox
}

const (
	tenant           = "acme"
	maxAttempts      = 3
	maxInterruptions = 2
	keep             = time.Hour
)

func newRig(t *testing.T, kit Kit) *rig {
	clock := NewClock()
	return &rig{
		T: t, Kit: kit, clock: clock,
		service: jobs.NewService(jobs.ServiceOptions{Store: kit.Store, Queue: kit.Queue, Blobs: kit.Blobs, Clock: clock,
			Keep: keep, Lanes: []jobs.Lane{QueueLane}}),
		runner: jobs.NewRunner(jobs.RunnerOptions{Store: kit.Store, Queue: kit.Queue, Clock: clock, Keep: keep,
			MaxAttempts: maxAttempts, MaxInterruptions: maxInterruptions,
			Backoff: jobs.Backoff{Base: 10 * time.Second, Random: func() float64 { return 0.5 }}}),
		sweeper: jobs.NewSweeper(jobs.SweeperOptions{Store: kit.Store, Queue: kit.Queue, Clock: clock, Keep: keep,
			Lanes: []jobs.Lane{QueueLane}}),
		outbox: jobs.NewOutbox(jobs.OutboxOptions{Store: kit.Store, Queue: kit.Queue, Clock: clock}),
	}
}

// request is a submission that changes nothing but what it is told to.
func request(change func(*jobs.Submission)) jobs.Submission {
	submission := jobs.Submission{Tenant: tenant, Worker: QueueLane.Worker, Input: []byte(`{"page":1}`)}
	if change != nil {
		change(&submission)
	}
	return submission
}

func (r *rig) submit(change func(*jobs.Submission)) jobs.Job {
	r.Helper()
	job, created, err := r.service.Submit(r.Context(), request(change))
	require.NoError(r, err)
	require.True(r, created)
	return job
}

func (r *rig) claim(job jobs.Job) jobs.Job {
	r.Helper()
	claimed, err := r.runner.Claim(r.Context(), job.ID, "task/1")
	require.NoError(r, err)
	return claimed
}

// running is a job that was submitted and claimed, its message taken.
func (r *rig) running(change func(*jobs.Submission)) jobs.Job {
	r.Helper()
	job := r.submit(change)
	require.Contains(r, r.take(QueueLane), job.ID)
	return r.claim(job)
}

func (r *rig) get(job jobs.Job) jobs.Job {
	r.Helper()
	got, err := r.service.Get(r.Context(), job.Tenant, job.ID)
	require.NoError(r, err)
	return plain(got)
}

// announced takes the messages of the lane and requires that they are about the jobs.
func (r *rig) announced(want ...jobs.Job) {
	r.Helper()
	require.ElementsMatch(r, ids(want), r.take(QueueLane))
}

// take receives and deletes what is visible in a lane, and returns the ids.
func (r *rig) take(lane jobs.Lane) []string {
	r.Helper()
	got := []string{}
	for {
		deliveries, err := r.Queue.Receive(r.Context(), lane, 10, 0, time.Minute)
		require.NoError(r, err)
		if len(deliveries) == 0 {
			return got
		}
		for _, delivery := range deliveries {
			message, err := jobs.ParseMessage(delivery.Body)
			require.NoError(r, err)
			got = append(got, message.ID)
			require.NoError(r, r.Queue.Delete(r.Context(), lane, []string{delivery.Receipt}))
		}
	}
}

func (r *rig) sweep() jobs.Report {
	r.Helper()
	report, err := r.sweeper.RunOnce(r.Context())
	require.NoError(r, err)
	return report
}

// refused requires an error with a reason and a state.
func (r *rig) refused(err, reason error, state jobs.State) {
	r.Helper()
	var refused *jobs.StateError
	require.ErrorAs(r, err, &refused)
	require.ErrorIs(r, err, reason)
	require.Equal(r, state, refused.Job.State)
}
