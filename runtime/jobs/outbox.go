package jobs

import (
	"context"
	"fmt"
	"time"
)

// OutboxOptions configure an [Outbox].
type OutboxOptions struct {
	// Store is required.
	Store Records
	// Queue is required; it is asked for [WebhookLane].
	Queue Sender
	// Clock. Defaults to the system's.
	Clock Clock
	// IDs makes tokens. Defaults to RandomIDs.
	IDs IDs
}

// Outbox hands webhooks to their queue. The write that ended the job has set
// the webhook to pending, so whatever dies, the sweeper flushes it again:
// a webhook is delivered at least once.
type Outbox struct{ options OutboxOptions }

// NewOutbox makes an Outbox.
func NewOutbox(options OutboxOptions) *Outbox {
	if options.Clock == nil {
		options.Clock = ClockFunc(time.Now)
	}
	if options.IDs == nil {
		options.IDs = RandomIDs{}
	}
	return &Outbox{options}
}

// Flush sends the job's webhook to its queue if it is pending, and marks it sent.
func (o *Outbox) Flush(ctx context.Context, job Job) error {
	if job.Webhook.State != DeliveryPending {
		return nil
	}
	err := o.options.Queue.Send(ctx, WebhookLane, Message{ID: job.ID, Tenant: job.Tenant}, 0)
	if err != nil {
		return fmt.Errorf("queueing the webhook of job %s: %w", job.ID, err)
	}
	_, err = retryConflicts(ctx, o.options.Store, o.options.IDs, job, func(job Job) (Job, bool) {
		if job.Webhook.State != DeliveryPending {
			return job, false
		}
		job.Webhook.State = DeliverySent
		return job.touched(now(o.options.Clock)), true
	})
	if err != nil {
		return fmt.Errorf("marking the webhook of job %s as sent: %w", job.ID, err)
	}
	return nil
}

// Record keeps the outcome of one attempt to deliver: err is nil once it was
// delivered; final gives up. A job that was redriven meanwhile is left alone.
func (o *Outbox) Record(ctx context.Context, id string, failure error, final bool) (Job, error) {
	job, err := o.options.Store.Get(ctx, id)
	if err != nil {
		return Job{}, err
	}
	return retryConflicts(ctx, o.options.Store, o.options.IDs, job, func(job Job) (Job, bool) {
		if !job.State.Terminal() || job.Webhook.URL == "" || job.Webhook.State == DeliveryDelivered {
			return job, false
		}
		job.Webhook.Attempts++
		job.Webhook.LastError = ""
		switch {
		case failure == nil:
			job.Webhook.State = DeliveryDelivered
		case final:
			job.Webhook.State = DeliveryGivenUp
		default:
			job.Webhook.State = DeliverySent
		}
		if failure != nil {
			job.Webhook.LastError = truncate(failure.Error(), MaxFailureMessage)
		}
		return job.touched(now(o.options.Clock)), true
	})
}
