package jobstest

import (
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var cancelTests = []contractTest{
	{"a queued job ends at once and cannot be claimed", func(r *rig) {
		job := r.submit(nil)
		got, err := r.service.Cancel(r.Context(), tenant, job.ID)
		require.NoError(r, err)
		require.Equal(r, jobs.Cancelled, got.State)
		require.Equal(r, got.Finished.Add(keep).Truncate(time.Second), got.ExpiresAt)
		_, err = r.runner.Claim(r.Context(), job.ID, "task/1")
		r.refused(err, jobs.ErrFinished, jobs.Cancelled)
	}},
	{"a running job hears of it with its next renewal and stops", func(r *rig) {
		job := r.running(nil)
		got, err := r.service.Cancel(r.Context(), tenant, job.ID)
		require.NoError(r, err)
		require.Equal(r, jobs.Running, got.State)
		renewed, err := r.runner.Renew(r.Context(), job.Held(), nil)
		require.NoError(r, err)
		require.True(r, renewed.CancelRequested)
		stopped, err := r.runner.Stop(r.Context(), job.Held())
		require.NoError(r, err)
		require.Equal(r, jobs.Cancelled, stopped.State)
		require.Equal(r, plain(stopped), r.get(job))
	}},
	{"a job that is done before it hears of it succeeds", func(r *rig) {
		job := r.running(nil)
		_, err := r.service.Cancel(r.Context(), tenant, job.ID)
		require.NoError(r, err)
		done, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Bytes("text/plain", []byte("42")))
		require.NoError(r, err)
		require.Equal(r, jobs.Succeeded, done.State)
	}},
	{"a running job whose worker gives it back or fails ends cancelled", func(r *rig) {
		for label, end := range map[string]func(jobs.Held) (jobs.Job, error){
			"interrupt": func(held jobs.Held) (jobs.Job, error) { return r.runner.Interrupt(r.Context(), held) },
			"fail": func(held jobs.Held) (jobs.Job, error) {
				return r.runner.Fail(r.Context(), held, jobs.Failure{Code: "crashed"}, false)
			},
		} {
			job := r.running(nil)
			_, err := r.service.Cancel(r.Context(), tenant, job.ID)
			require.NoError(r, err, label)
			got, err := end(job.Held())
			require.NoError(r, err, label)
			require.Equal(r, jobs.Cancelled, got.State, label)
		}
	}},
	{"a running job whose worker died is ended by the sweeper or the next claim", func(r *rig) {
		swept, claimed := r.running(nil), r.running(nil)
		for _, job := range []jobs.Job{swept, claimed} {
			_, err := r.service.Cancel(r.Context(), tenant, job.ID)
			require.NoError(r, err)
		}
		r.clock.Advance(jobs.LeaseFor)
		_, err := r.runner.Claim(r.Context(), claimed.ID, "task/2")
		r.refused(err, jobs.ErrFinished, jobs.Cancelled)
		require.Equal(r, jobs.Report{Ended: 1}, r.sweep())
		require.Equal(r, jobs.Cancelled, r.get(swept).State)
	}},
	{"cancelling twice is no error, cancelling what is over is", func(r *rig) {
		twice, done := r.submit(nil), r.running(nil)
		for range 2 {
			got, err := r.service.Cancel(r.Context(), tenant, twice.ID)
			require.NoError(r, err)
			require.Equal(r, jobs.Cancelled, got.State)
		}
		_, err := r.runner.Succeed(r.Context(), done.Held(), jobs.Payload{})
		require.NoError(r, err)
		_, err = r.service.Cancel(r.Context(), tenant, done.ID)
		r.refused(err, jobs.ErrFinished, jobs.Succeeded)
	}},
}
