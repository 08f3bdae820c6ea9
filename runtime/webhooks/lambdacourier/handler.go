// Package lambdacourier delivers webhooks from a Lambda function that an SQS
// queue triggers. A delivery that failed stays in the queue, hidden until it is
// tried again.
package lambdacourier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"tandem/runtime/jobs"
)

// Courier calls one webhook; webhooks.Courier.
type Courier interface {
	Deliver(ctx context.Context, id string) (time.Duration, error)
}

// Hider hides received messages for a while; the part of jobs.Queue that is used.
type Hider interface {
	ChangeVisibility(ctx context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error
}

// Handler answers events of the queue.
type Handler struct {
	Courier Courier
	Hider   Hider
	Log     *slog.Logger
}

// Handle answers one batch; it is what lambda.Start wants. The messages that it
// names are those that must stay in the queue; the list is never null, which
// some pollers take for a failure of the whole batch.
func (h Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	failures := make([]*events.SQSBatchItemFailure, len(event.Records))
	var group sync.WaitGroup
	for i, record := range event.Records {
		group.Go(func() {
			if h.stays(ctx, record) {
				failures[i] = &events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			}
		})
	}
	group.Wait()
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, failure := range failures {
		if failure != nil {
			response.BatchItemFailures = append(response.BatchItemFailures, *failure)
		}
	}
	return response, nil
}

// stays delivers one message and tells whether it must come again.
func (h Handler) stays(ctx context.Context, record events.SQSMessage) bool {
	message, err := jobs.ParseMessage(record.Body)
	if err != nil {
		// It would not become better; the queue's redrive policy keeps it for people.
		h.Log.ErrorContext(ctx, "message not understood", "message", record.MessageId, "error", err.Error())
		return true
	}
	wait, err := h.Courier.Deliver(ctx, message.ID)
	if err != nil {
		h.Log.ErrorContext(ctx, "webhook left in the queue", "job", message.ID, "error", err.Error())
		return true
	}
	if wait == 0 {
		return false
	}
	change := jobs.VisibilityChange{Receipt: record.ReceiptHandle, For: wait}
	if err := h.Hider.ChangeVisibility(ctx, jobs.WebhookLane, []jobs.VisibilityChange{change}); err != nil {
		// It comes back after the queue's own time.
		h.Log.WarnContext(ctx, "webhook comes back early", "job", message.ID, "error", err.Error())
	}
	return true
}
