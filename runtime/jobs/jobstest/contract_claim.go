package jobstest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var claimTests = []contractTest{
	{"a claim makes the job the owner's for a lease", func(r *rig) {
		job := r.claim(r.submit(nil))
		require.Equal(r, jobs.Running, job.State)
		require.Equal(r, jobs.Lease{Owner: "task/1", Until: r.clock.Now().Add(jobs.LeaseFor)}, job.Lease)
		require.Equal(r, r.clock.Now(), job.Started)
		require.Equal(r, int64(1), job.Fence)
		require.Equal(r, 1, job.Attempts)
		require.Equal(r, plain(job), r.get(job))
	}},
	{"a live lease is refused until it ends", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(jobs.LeaseFor - time.Millisecond)
		_, err := r.runner.Claim(r.Context(), job.ID, "task/2")
		r.refused(err, jobs.ErrLeaseHeld, jobs.Running)
		at, ok := jobs.RetryAt(err)
		require.True(r, ok)
		require.Equal(r, job.Lease.Until, at)
	}},
	{"an ended lease is taken over, the attempt counted as interrupted", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(jobs.LeaseFor)
		taken, err := r.runner.Claim(r.Context(), job.ID, "task/2")
		require.NoError(r, err)
		require.Equal(r, int64(2), taken.Fence)
		require.Equal(r, 1, taken.Attempts)
		require.Equal(r, 1, taken.Interruptions)
		require.Equal(r, "task/2", taken.Lease.Owner)
		require.Equal(r, plain(taken), r.get(job))
	}},
	{"who lost the lease has no say any more", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(jobs.LeaseFor)
		taken, err := r.runner.Claim(r.Context(), job.ID, "task/2")
		require.NoError(r, err)
		old := job.Held()
		_, err = r.runner.Renew(r.Context(), old, nil)
		r.refused(err, jobs.ErrLeaseLost, jobs.Running)
		_, err = r.runner.Succeed(r.Context(), old, jobs.Payload{})
		r.refused(err, jobs.ErrLeaseLost, jobs.Running)
		_, err = r.runner.Fail(r.Context(), old, jobs.Failure{Code: "x"}, true)
		r.refused(err, jobs.ErrLeaseLost, jobs.Running)
		_, err = r.runner.Interrupt(r.Context(), old)
		r.refused(err, jobs.ErrLeaseLost, jobs.Running)
		_, err = r.runner.Stop(r.Context(), old)
		r.refused(err, jobs.ErrLeaseLost, jobs.Running)
		_, _, err = r.runner.PutStep(r.Context(), old, "plan", jobs.Payload{})
		require.ErrorIs(r, err, jobs.ErrLeaseLost)
		require.ErrorIs(r, r.runner.SaveCheckpoint(r.Context(), old, jobs.Payload{}), jobs.ErrLeaseLost)
		require.Equal(r, plain(taken), r.get(job))
	}},
	{"a lease that ended but was not taken can still be renewed", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(2 * jobs.LeaseFor)
		renewed, err := r.runner.Renew(r.Context(), job.Held(), nil)
		require.NoError(r, err)
		require.Equal(r, r.clock.Now().Add(jobs.LeaseFor), renewed.Lease.Until)
	}},
	{"a renewal tells progress within its limits", func(r *rig) {
		job := r.running(nil)
		renewed, err := r.runner.Renew(r.Context(), job.Held(), &jobs.Progress{Percent: 12.345, Message: strings.Repeat("é", 100)})
		require.NoError(r, err)
		require.Equal(r, jobs.Progress{Percent: 12.35, Message: strings.Repeat("é", jobs.MaxProgressMessage/2)}, renewed.Progress)
		renewed, err = r.runner.Renew(r.Context(), job.Held(), nil)
		require.NoError(r, err)
		require.InDelta(r, 12.35, renewed.Progress.Percent, 0)
		require.Equal(r, plain(renewed), r.get(job))
	}},
	{"a job that was interrupted too often fails for good", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Webhook = "https://example.com" })
		for range maxInterruptions {
			r.clock.Advance(jobs.LeaseFor)
			job = r.claim(job)
		}
		r.clock.Advance(jobs.LeaseFor)
		_, err := r.runner.Claim(r.Context(), job.ID, "task/1")
		r.refused(err, jobs.ErrFinished, jobs.Failed)
		got := r.get(job)
		require.Equal(r, jobs.CodeTooManyInterruptions, got.Failure.Code)
		require.Contains(r, got.Failure.Message, "3 times")
		require.Equal(r, jobs.DeliverySent, got.Webhook.State)
		require.Equal(r, []string{job.ID}, r.take(jobs.WebhookLane))
	}},
	{"giving back counts towards the cap too", func(r *rig) {
		job := r.running(nil)
		for range maxInterruptions + 1 {
			_, err := r.runner.Interrupt(r.Context(), job.Held())
			require.NoError(r, err)
			if r.get(job).Interruptions <= maxInterruptions {
				job = r.claim(job)
			}
		}
		_, err := r.runner.Claim(r.Context(), job.ID, "task/1")
		r.refused(err, jobs.ErrFinished, jobs.Failed)
	}},
	{"a job past its deadline is expired rather than claimed", func(r *rig) {
		for label, prepare := range map[string]func(*jobs.Submission) jobs.Job{
			"queued": func(s *jobs.Submission) jobs.Job {
				return r.submit(func(to *jobs.Submission) { to.Deadline = s.Deadline })
			},
			"running": func(s *jobs.Submission) jobs.Job {
				return r.running(func(to *jobs.Submission) { to.Deadline = s.Deadline })
			},
		} {
			job := prepare(&jobs.Submission{Deadline: r.clock.Now().Add(time.Minute)})
			r.clock.Advance(time.Minute)
			_, err := r.runner.Claim(r.Context(), job.ID, "task/2")
			r.refused(err, jobs.ErrFinished, jobs.Expired)
			require.Equal(r, jobs.CodeDeadlineExceeded, r.get(job).Failure.Code, label)
		}
	}},
	{"an unknown job is not found", func(r *rig) {
		_, err := r.runner.Claim(r.Context(), newID(), "task/1")
		require.ErrorIs(r, err, jobs.ErrNotFound)
		_, err = r.runner.Renew(r.Context(), jobs.Held{ID: newID()}, nil)
		require.ErrorIs(r, err, jobs.ErrLeaseLost)
		_, err = r.runner.Fail(r.Context(), jobs.Held{ID: newID()}, jobs.Failure{}, false)
		require.ErrorIs(r, err, jobs.ErrLeaseLost)
	}},
	{"an owner is told to drain with its next renewal", func(r *rig) {
		job := r.running(nil)
		by := r.clock.Now().Add(time.Hour)
		told, err := jobs.Drain(r.Context(), r.Store, r.clock, func(owner string) bool { return strings.HasSuffix(owner, "/1") }, by)
		require.NoError(r, err)
		require.Equal(r, 1, told)
		told, err = jobs.Drain(r.Context(), r.Store, r.clock, func(string) bool { return true }, by)
		require.NoError(r, err)
		require.Zero(r, told)
		renewed, err := r.runner.Renew(r.Context(), job.Held(), nil)
		require.NoError(r, err)
		require.Equal(r, by, renewed.DrainBy)
		_, err = r.runner.Interrupt(r.Context(), job.Held())
		require.NoError(r, err)
		require.Zero(r, r.claim(job).DrainBy)
		_, err = jobs.Drain(r.Context(), r.Store, r.clock, func(string) bool { return true }, by)
		require.NoError(r, err)
		failed, err := r.runner.Fail(r.Context(), r.get(job).Held(), jobs.Failure{Code: "crashed"}, true)
		require.NoError(r, err)
		require.Zero(r, failed.DrainBy)
	}},
}
