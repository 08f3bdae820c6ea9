package local

import (
	"context"
	"time"

	"tandem/runtime/jobs"
	"tandem/runtime/webhooks"
)

// deliver calls webhooks, as the courier function does.
func (d *deployment) deliver(ctx context.Context) {
	courier := webhooks.New(webhooks.Options{
		Jobs: d.store, Recorder: jobs.NewOutbox(jobs.OutboxOptions{Store: d.store, Queue: d.queue}),
		Master: func(context.Context) (string, error) { return d.master, nil }, Policy: anywhere, Log: d.Log,
	})
	for ctx.Err() == nil {
		// A message that is not deleted comes back by itself.
		received, err := d.queue.Receive(ctx, jobs.WebhookLane, 10, time.Second, time.Minute)
		if err != nil {
			return
		}
		for _, message := range received {
			d.deliverOne(ctx, courier, message)
		}
	}
}

func (d *deployment) deliverOne(ctx context.Context, courier *webhooks.Courier, message jobs.Delivery) {
	told, err := jobs.ParseMessage(message.Body)
	if err != nil {
		d.Log.WarnContext(ctx, "webhook message dropped", "error", err)
		_ = d.queue.Delete(ctx, jobs.WebhookLane, []string{message.Receipt})
		return
	}
	again, err := courier.Deliver(ctx, told.ID)
	switch {
	case err != nil:
		d.Log.WarnContext(ctx, "webhook left to be delivered later", "job", told.ID, "error", err)
	case again > 0:
		_ = d.queue.ChangeVisibility(ctx, jobs.WebhookLane, []jobs.VisibilityChange{{Receipt: message.Receipt, For: again}})
	default:
		_ = d.queue.Delete(ctx, jobs.WebhookLane, []string{message.Receipt})
	}
}
