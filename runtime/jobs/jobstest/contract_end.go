package jobstest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var endTests = []contractTest{
	{"a result is kept with the job", func(r *rig) {
		for label, result := range map[string]jobs.Payload{
			"inline": jobs.Bytes("text/plain", []byte(strings.Repeat("x", jobs.InlineResult))),
			"blob":   jobs.Blob("video/mp4", "results/acme/x/1/result", 5<<30),
			"none":   {},
		} {
			job := r.running(nil)
			r.clock.Advance(time.Second)
			done, err := r.runner.Succeed(r.Context(), job.Held(), result)
			require.NoError(r, err, label)
			require.Equal(r, jobs.Succeeded, done.State)
			require.Equal(r, r.clock.Now(), done.Finished)
			require.Equal(r, result, done.Result)
			require.Equal(r, plain(done), r.get(job))
			_, err = r.runner.Claim(r.Context(), job.ID, "task/2")
			r.refused(err, jobs.ErrFinished, jobs.Succeeded)
		}
	}},
	{"a result too large to be inline is refused", func(r *rig) {
		job := r.running(nil)
		_, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Bytes("text/plain", make([]byte, jobs.InlineResult+1)))
		require.ErrorContains(r, err, "too large")
		require.Equal(r, jobs.Running, r.get(job).State)
	}},
	{"a second commit by the same attempt is refused and changes nothing", func(r *rig) {
		job := r.running(nil)
		done, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Bytes("text/plain", []byte("42")))
		require.NoError(r, err)
		_, err = r.runner.Succeed(r.Context(), job.Held(), jobs.Bytes("text/plain", []byte("43")))
		r.refused(err, jobs.ErrLeaseLost, jobs.Succeeded)
		require.Equal(r, plain(done), r.get(job))
	}},
	{"a failure waits, longer each time, and the last one is final", func(r *rig) {
		job := r.running(nil)
		for attempt := 1; attempt < maxAttempts; attempt++ {
			got, err := r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: "crashed", Message: "exit status 1"}, false)
			require.NoError(r, err)
			require.Equal(r, jobs.Queued, got.State)
			require.Equal(r, jobs.Failure{Code: "crashed", Message: "exit status 1"}, got.Failure)
			wait := 5 * time.Second << (attempt - 1)
			require.Equal(r, r.clock.Now().Add(wait), got.NotBefore)
			_, err = r.runner.Claim(r.Context(), job.ID, "task/1")
			r.refused(err, jobs.ErrNotYet, jobs.Queued)
			at, ok := jobs.RetryAt(err)
			require.True(r, ok)
			require.Equal(r, got.NotBefore, at)
			r.clock.Advance(wait)
			job = r.claim(job)
			require.Equal(r, attempt+1, job.Attempts)
		}
		got, err := r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: "crashed", Message: "at last"}, false)
		require.NoError(r, err)
		require.Equal(r, jobs.Failed, got.State)
		require.Equal(r, "at last", got.Failure.Message)
		require.Equal(r, plain(got), r.get(job))
	}},
	{"a final failure ends the job at once", func(r *rig) {
		job := r.running(nil)
		got, err := r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: strings.Repeat("c", 99), Message: strings.Repeat("é", 999)}, true)
		require.NoError(r, err)
		require.Equal(r, jobs.Failed, got.State)
		require.Len(r, got.Failure.Code, jobs.MaxFailureCode)
		require.Equal(r, strings.Repeat("é", jobs.MaxFailureMessage/2), got.Failure.Message)
	}},
	{"an interruption gives the job back at once and is not counted as an attempt", func(r *rig) {
		job := r.running(nil)
		got, err := r.runner.Interrupt(r.Context(), job.Held())
		require.NoError(r, err)
		require.Equal(r, jobs.Queued, got.State)
		require.Equal(r, 0, got.Attempts)
		require.Equal(r, 1, got.Interruptions)
		require.Zero(r, got.Lease)
		again := r.claim(job)
		require.Equal(r, int64(2), again.Fence)
		require.Equal(r, 1, again.Attempts)
	}},
	{"a stop needs a reason", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Second) })
		_, err := r.runner.Stop(r.Context(), job.Held())
		r.refused(err, jobs.ErrNotStoppable, jobs.Running)
		r.clock.Advance(time.Second)
		got, err := r.runner.Stop(r.Context(), job.Held())
		require.NoError(r, err)
		require.Equal(r, jobs.Expired, got.State)
	}},
	{"a job done just after its deadline succeeds", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Second) })
		r.clock.Advance(2 * time.Second)
		done, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Payload{})
		require.NoError(r, err)
		require.Equal(r, jobs.Succeeded, done.State)
	}},
	{"a step or checkpoint out of bounds is refused", func(r *rig) {
		job := r.running(nil)
		for _, key := range []string{"", strings.Repeat("k", jobs.MaxStepKey+1), "\xff"} {
			_, _, err := r.runner.PutStep(r.Context(), job.Held(), key, jobs.Payload{})
			require.ErrorContains(r, err, "key")
		}
		large := jobs.Bytes("text/plain", make([]byte, jobs.InlineStep+1))
		_, _, err := r.runner.PutStep(r.Context(), job.Held(), "plan", large)
		require.ErrorContains(r, err, "too large")
		require.ErrorContains(r, r.runner.SaveCheckpoint(r.Context(), job.Held(), large), "too large")
		require.ErrorContains(r, r.runner.Append(r.Context(), job.Held(), 1, make([]byte, jobs.MaxEvent+1)), "output")
	}},
	{"a restarted attempt finds steps and checkpoint of the one before", func(r *rig) {
		job := r.running(nil)
		_, stored, err := r.runner.PutStep(r.Context(), job.Held(), "plan", jobs.Bytes("text/plain", []byte("a")))
		require.NoError(r, err)
		require.True(r, stored)
		key := jobs.CheckpointKey(job, 1)
		require.NoError(r, r.runner.SaveCheckpoint(r.Context(), job.Held(), jobs.Blob("application/x-tar", key, 3)))
		r.clock.Advance(jobs.LeaseFor)
		again := r.claim(job)
		step, stored, err := r.runner.PutStep(r.Context(), again.Held(), "plan", jobs.Bytes("text/plain", []byte("b")))
		require.NoError(r, err)
		require.False(r, stored)
		require.Equal(r, "a", string(step.Result.Inline))
		steps, err := r.runner.ListSteps(r.Context(), again.Held(), "", 10)
		require.NoError(r, err)
		require.Len(r, steps, 1)
		checkpoint, found, err := r.runner.LastCheckpoint(r.Context(), again.Held())
		require.NoError(r, err)
		require.True(r, found)
		require.Equal(r, key, checkpoint.Data.BlobKey)
	}},
	{"a job without a message is announced by hand, a watched one later", func(r *rig) {
		job := r.running(nil)
		require.NoError(r, r.runner.Wake(r.Context(), job))
		r.announced(job)
		require.NoError(r, r.runner.Watch(r.Context(), job))
		depth, err := r.Queue.Depth(r.Context(), QueueLane)
		require.NoError(r, err)
		require.Equal(r, jobs.Depth{Delayed: 1}, depth)
	}},
}

var redriveTests = []contractTest{
	{"failed jobs go back into the queue and start afresh", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Webhook = "https://example.com" })
		_, _, err := r.runner.PutStep(r.Context(), job.Held(), "plan", jobs.Bytes("text/plain", []byte("a")))
		require.NoError(r, err)
		_, err = r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: "crashed"}, true)
		require.NoError(r, err)
		cancelled := r.submit(nil)
		_, err = r.service.Cancel(r.Context(), tenant, cancelled.ID)
		require.NoError(r, err)
		r.take(QueueLane)

		redriven, err := r.service.Redrive(r.Context(), tenant, jobs.Filter{}, "")
		require.NoError(r, err)
		require.Equal(r, []string{job.ID}, ids(redriven.Jobs))
		require.Empty(r, redriven.Cursor)
		r.announced(job)
		again := r.claim(job)
		require.Equal(r, int64(2), again.Fence)
		require.Equal(r, 1, again.Attempts)
		require.Zero(r, again.ExpiresAt)
		require.Equal(r, jobs.DeliveryNone, again.Webhook.State)
		_, found, err := r.runner.GetStep(r.Context(), again.Held(), "plan")
		require.NoError(r, err)
		require.True(r, found)
	}},
	{"an expired job comes back without its deadline", func(r *rig) {
		job := r.submit(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Second) })
		r.clock.Advance(time.Minute)
		_, err := r.runner.Claim(r.Context(), job.ID, "task/1")
		r.refused(err, jobs.ErrFinished, jobs.Expired)
		got, err := r.service.RedriveOne(r.Context(), tenant, job.ID)
		require.NoError(r, err)
		require.Equal(r, jobs.Queued, got.State)
		require.Zero(r, got.Deadline)
		r.claim(job)
	}},
	{"what succeeded or is not over stays as it is", func(r *rig) {
		done, waiting := r.running(nil), r.submit(nil)
		_, err := r.runner.Succeed(r.Context(), done.Held(), jobs.Payload{})
		require.NoError(r, err)
		for _, job := range []jobs.Job{done, waiting} {
			before := r.get(job)
			_, err := r.service.RedriveOne(r.Context(), tenant, job.ID)
			require.ErrorIs(r, err, jobs.ErrConflict)
			require.Equal(r, before, r.get(job))
		}
		for _, state := range []jobs.State{jobs.Succeeded, jobs.Running, "done"} {
			_, err := r.service.Redrive(r.Context(), tenant, jobs.Filter{States: []jobs.State{state}}, "")
			require.ErrorContains(r, err, "state")
		}
	}},
	{"another tenant's jobs are left alone", func(r *rig) {
		job := r.running(nil)
		_, err := r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: "crashed"}, true)
		require.NoError(r, err)
		redriven, err := r.service.Redrive(r.Context(), "globex", jobs.Filter{}, "")
		require.NoError(r, err)
		require.Empty(r, redriven.Jobs)
		require.Equal(r, jobs.Failed, r.get(job).State)
	}},
}
