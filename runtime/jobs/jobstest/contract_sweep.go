package jobstest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

var sweepTests = []contractTest{
	{"nothing to do is nothing done", func(r *rig) {
		require.Zero(r, r.sweep())
	}},
	{"a job without a message in an empty queue is announced, after a while", func(r *rig) {
		job := r.submit(nil)
		r.announced(job)
		require.Zero(r, r.sweep())
		r.clock.Advance(30 * time.Second)
		require.Equal(r, jobs.Report{Announced: 1}, r.sweep())
		r.announced(job)
	}},
	{"a job that waits for its next attempt is announced when it may run", func(r *rig) {
		job := r.running(nil)
		job, err := r.runner.Fail(r.Context(), job.Held(), jobs.Failure{Code: "crashed"}, false)
		require.NoError(r, err)
		r.clock.Advance(job.NotBefore.Sub(r.clock.Now()) + 29*time.Second)
		require.Zero(r, r.sweep())
		r.clock.Advance(time.Second)
		require.Equal(r, jobs.Report{Announced: 1}, r.sweep())
	}},
	{"while the queue holds messages none are added", func(r *rig) {
		r.submit(nil)
		r.submit(nil)
		r.clock.Advance(time.Hour)
		require.Zero(r, r.sweep())
		require.Len(r, r.take(QueueLane), 2)
	}},
	{"a job that later ones of its tenant got ahead of is announced all the same", func(r *rig) {
		lost := r.submit(nil)
		other := r.submit(func(s *jobs.Submission) { s.Tenant = "globex" })
		r.announced(lost, other)
		r.clock.Advance(6 * time.Minute)
		r.running(nil)
		r.submit(nil) // keeps the queue from being empty
		require.Equal(r, jobs.Report{Announced: 1}, r.sweep())
		require.Contains(r, r.take(QueueLane), lost.ID)
	}},
	{"a job that was overtaken by a little is left to its message", func(r *rig) {
		r.submit(nil)
		r.take(QueueLane)
		r.clock.Advance(4 * time.Minute)
		r.running(nil)
		r.submit(nil) // keeps the queue from being empty
		require.Zero(r, r.sweep())
	}},
	{"a job whose lease has ended is queued and announced", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(jobs.LeaseFor - time.Millisecond)
		require.Zero(r, r.sweep())
		r.clock.Advance(time.Millisecond)
		require.Equal(r, jobs.Report{Interrupted: 1}, r.sweep())
		got := r.get(job)
		require.Equal(r, jobs.Queued, got.State)
		require.Equal(r, 1, got.Interruptions)
		r.announced(job)
		_, err := r.runner.Succeed(r.Context(), job.Held(), jobs.Payload{})
		r.refused(err, jobs.ErrLeaseLost, jobs.Queued)
	}},
	{"queued jobs past their deadline end, also in a queue that is not empty", func(r *rig) {
		late := r.submit(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Minute) })
		soon := r.submit(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Hour) })
		r.submit(nil)
		r.clock.Advance(time.Minute)
		require.Equal(r, jobs.Report{Ended: 1}, r.sweep())
		require.Equal(r, jobs.Expired, r.get(late).State)
		require.Equal(r, jobs.Queued, r.get(soon).State)
	}},
	{"an attempt that goes on past the deadline is given one lease, then ended", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Deadline = r.clock.Now().Add(time.Minute) })
		for range 6 {
			r.clock.Advance(jobs.RenewEvery)
			_, err := r.runner.Renew(r.Context(), job.Held(), nil)
			require.NoError(r, err)
		}
		require.Zero(r, r.sweep())
		for range 3 {
			r.clock.Advance(jobs.RenewEvery)
			_, err := r.runner.Renew(r.Context(), job.Held(), nil)
			require.NoError(r, err)
		}
		require.Equal(r, jobs.Report{Ended: 1}, r.sweep())
		require.Equal(r, jobs.Expired, r.get(job).State)
		_, err := r.runner.Renew(r.Context(), job.Held(), nil)
		r.refused(err, jobs.ErrLeaseLost, jobs.Expired)
	}},
	{"a webhook that never reached its queue is sent", func(r *rig) {
		queue := &broken{Queue: r.Queue, lane: jobs.WebhookLane}
		runner := jobs.NewRunner(jobs.RunnerOptions{Store: r.Store, Queue: queue, Clock: r.clock, Keep: keep})
		job := r.running(func(s *jobs.Submission) { s.Webhook = "https://example.com" })
		_, err := runner.Succeed(r.Context(), job.Held(), jobs.Payload{})
		require.NoError(r, err)
		require.Equal(r, jobs.DeliveryPending, r.get(job).Webhook.State)
		require.Equal(r, jobs.Report{Webhooks: 1}, r.sweep())
		require.Equal(r, jobs.DeliverySent, r.get(job).Webhook.State)
		require.Equal(r, []string{job.ID}, r.take(jobs.WebhookLane))
		require.Zero(r, r.sweep())
	}},
	{"a run stops at its limit and says so", func(r *rig) {
		for range 20 {
			r.submit(nil)
		}
		r.take(QueueLane)
		r.clock.Advance(time.Minute)
		limited := jobs.NewSweeper(jobs.SweeperOptions{Store: r.Store, Queue: r.Queue, Clock: r.clock, Keep: keep,
			Lanes: []jobs.Lane{QueueLane}, Limit: 5, Parallel: 1})
		report, err := limited.RunOnce(r.Context())
		require.NoError(r, err)
		require.Equal(r, jobs.Report{Announced: 5, More: true}, report)
	}},
	{"a run goes on after the error of one job and reports it", func(r *rig) {
		first, second := r.running(nil), r.running(nil)
		r.clock.Advance(jobs.LeaseFor)
		sweeper := jobs.NewSweeper(jobs.SweeperOptions{Store: r.Store, Queue: &broken{Queue: r.Queue, lane: QueueLane}, Clock: r.clock, Keep: keep})
		report, err := sweeper.RunOnce(r.Context())
		require.ErrorIs(r, err, errBroken)
		require.ErrorContains(r, err, first.ID)
		require.ErrorContains(r, err, second.ID)
		require.Equal(r, 2, report.Interrupted)
	}},
	{"two sweepers at once do no harm", func(r *rig) {
		job := r.running(nil)
		r.clock.Advance(jobs.LeaseFor)
		done := make(chan error)
		for range 2 {
			go func() { _, err := r.sweeper.RunOnce(r.Context()); done <- err }()
		}
		require.NoError(r, errors.Join(<-done, <-done))
		require.Equal(r, 1, r.get(job).Interruptions)
	}},
}

var webhookTests = []contractTest{
	{"the end of a job is told by a webhook, whatever the end", func(r *rig) {
		hooked := func(s *jobs.Submission) {
			s.Webhook, s.Deadline = "https://example.com", r.clock.Now().Add(time.Minute)
		}
		succeeded, failed, cancelled, expired := r.running(hooked), r.running(hooked), r.submit(hooked), r.submit(hooked)
		_, err := r.runner.Succeed(r.Context(), succeeded.Held(), jobs.Payload{})
		require.NoError(r, err)
		_, err = r.runner.Fail(r.Context(), failed.Held(), jobs.Failure{Code: "crashed"}, true)
		require.NoError(r, err)
		_, err = r.service.Cancel(r.Context(), tenant, cancelled.ID)
		require.NoError(r, err)
		r.clock.Advance(time.Minute)
		require.Equal(r, 1, r.sweep().Ended)
		for _, job := range []jobs.Job{succeeded, failed, cancelled, expired} {
			require.Equal(r, jobs.DeliverySent, r.get(job).Webhook.State)
		}
		require.ElementsMatch(r, ids([]jobs.Job{succeeded, failed, cancelled, expired}), r.take(jobs.WebhookLane))
	}},
	{"a job without a webhook tells nobody, one with a webhook tells once", func(r *rig) {
		silent, told := r.running(nil), r.submit(func(s *jobs.Submission) { s.Webhook = "https://example.com" })
		_, err := r.runner.Succeed(r.Context(), silent.Held(), jobs.Payload{})
		require.NoError(r, err)
		for range 2 {
			_, err = r.service.Cancel(r.Context(), tenant, told.ID)
			require.NoError(r, err)
		}
		require.NoError(r, r.outbox.Flush(r.Context(), r.get(told)))
		require.Equal(r, []string{told.ID}, r.take(jobs.WebhookLane))
	}},
	{"the outcome of deliveries is kept", func(r *rig) {
		job := r.running(func(s *jobs.Submission) { s.Webhook = "https://example.com" })
		_, err := r.outbox.Record(r.Context(), job.ID, nil, false)
		require.NoError(r, err)
		require.Equal(r, jobs.DeliveryNone, r.get(job).Webhook.State)
		_, err = r.runner.Succeed(r.Context(), job.Held(), jobs.Payload{})
		require.NoError(r, err)
		_, err = r.outbox.Record(r.Context(), job.ID, errors.New("503"), false)
		require.NoError(r, err)
		require.Equal(r, jobs.Webhook{URL: "https://example.com", State: jobs.DeliverySent, Attempts: 1, LastError: "503"}, r.get(job).Webhook)
		_, err = r.outbox.Record(r.Context(), job.ID, errors.New("503 again"), true)
		require.NoError(r, err)
		require.Equal(r, jobs.DeliveryGivenUp, r.get(job).Webhook.State)
		_, err = r.outbox.Record(r.Context(), job.ID, nil, false)
		require.NoError(r, err)
		require.Equal(r, jobs.Webhook{URL: "https://example.com", State: jobs.DeliveryDelivered, Attempts: 3}, r.get(job).Webhook)
		_, err = r.outbox.Record(r.Context(), job.ID, errors.New("late"), true)
		require.NoError(r, err)
		require.Equal(r, jobs.DeliveryDelivered, r.get(job).Webhook.State)
	}},
	{"a webhook too long for the item is kept all the same", func(r *rig) {
		long := "https://example.com/" + word500
		job := r.running(func(s *jobs.Submission) { s.Webhook, s.Metadata = long, map[string]string{"note": word500} })
		require.Equal(r, long, job.Webhook.URL)
		renewed, err := r.runner.Renew(r.Context(), job.Held(), nil)
		require.NoError(r, err)
		require.Equal(r, word500, renewed.Metadata["note"])
		_, err = r.runner.Succeed(r.Context(), job.Held(), jobs.Payload{})
		require.NoError(r, err)
		got := r.get(job)
		require.Equal(r, jobs.Webhook{URL: long, State: jobs.DeliverySent}, got.Webhook)
		require.Equal(r, word500, got.Metadata["note"])
	}},
}

var errBroken = errors.New("the queue is down")

// broken is a queue of which one lane takes no messages.
type broken struct {
	jobs.Queue
	lane jobs.Lane
}

func (b *broken) Send(ctx context.Context, lane jobs.Lane, message jobs.Message, delay time.Duration) error {
	if lane == b.lane {
		return errBroken
	}
	return b.Queue.Send(ctx, lane, message, delay)
}
