// Package sqsqueue wakes workers by SQS: one standard queue a lane. Messages
// carry the job's id and nothing else, and the tenant as message group, by which
// SQS keeps one tenant's backlog from holding up the others
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html, 2026-11-24).
package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// Client is what the queue calls of SQS.
type Client interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Options configure a [Queue].
type Options struct {
	// Client is required.
	Client Client
	// URL is required: the queue of a lane, and whether there is one. See [URLs].
	URL func(lane jobs.Lane) (string, bool)
}

// Queue implements [jobs.Queue]. It is safe for concurrent use.
type Queue struct{ options Options }

var _ jobs.Queue = (*Queue)(nil)

// New makes a Queue.
func New(options Options) *Queue { return &Queue{options} }

// URLs finds a lane's queue among the settings of a program; webhooks may be
// empty where it sends none.
func URLs(queues settings.Queues, webhooks string) func(jobs.Lane) (string, bool) {
	return func(lane jobs.Lane) (string, bool) {
		if lane == jobs.WebhookLane {
			return webhooks, webhooks != ""
		}
		return queues.URL(lane.Worker, string(lane.Priority))
	}
}

// Lanes names every lane of the settings, workers in alphabetical order and the
// highest priority first.
func Lanes(queues settings.Queues) []jobs.Lane {
	var lanes []jobs.Lane
	for _, worker := range queues.Names() {
		for _, priority := range []jobs.Priority{jobs.High, jobs.Normal, jobs.Low} {
			if _, found := queues.URL(worker, string(priority)); found {
				lanes = append(lanes, jobs.Lane{Worker: worker, Priority: priority})
			}
		}
	}
	return lanes
}

func (q *Queue) url(lane jobs.Lane) (*string, error) {
	url, found := q.options.URL(lane)
	if !found {
		return nil, fmt.Errorf("queue of %s: %w", lane, jobs.ErrNoQueue)
	}
	return &url, nil
}

// seconds rounds up, since hiding a message too long is harmless and too short is not.
func seconds(d time.Duration) int32 { return int32((max(0, d) + time.Second - 1) / time.Second) }

// Send implements jobs.Queue.
func (q *Queue) Send(ctx context.Context, lane jobs.Lane, message jobs.Message, delay time.Duration) error {
	url, err := q.url(lane)
	if err != nil {
		return err
	}
	input := &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(message.Body()),
		DelaySeconds: seconds(min(delay, jobs.MaxDelay))}
	if message.Tenant != "" {
		input.MessageGroupId = &message.Tenant
	}
	if _, err := q.options.Client.SendMessage(ctx, input); err != nil {
		return fmt.Errorf("sending to the queue of %s: %w", lane, gone(err))
	}
	return nil
}

// Receive implements jobs.Queue.
func (q *Queue) Receive(ctx context.Context, lane jobs.Lane, most int, wait, visibility time.Duration) ([]jobs.Delivery, error) {
	url, err := q.url(lane)
	if err != nil {
		return nil, err
	}
	out, err := q.options.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: int32(min(max(1, most), batchSize)),
		WaitTimeSeconds: min(seconds(wait), maxWait), VisibilityTimeout: seconds(visibility),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, fmt.Errorf("receiving from the queue of %s: %w", lane, gone(err))
	}
	deliveries := make([]jobs.Delivery, 0, len(out.Messages))
	for _, m := range out.Messages {
		// Only a hint: a count that cannot be read is a first delivery.
		count, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			count = 1
		}
		deliveries = append(deliveries, jobs.Delivery{Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), Received: count})
	}
	return deliveries, nil
}

// maxWait is the longest long poll, in seconds
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html, 2026-11-24).
const maxWait = 20

// Depth implements jobs.Queue.
func (q *Queue) Depth(ctx context.Context, lane jobs.Lane) (jobs.Depth, error) {
	url, err := q.url(lane)
	if err != nil {
		return jobs.Depth{}, err
	}
	out, err := q.options.Client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{visible, inFlight, delayed},
	})
	if err != nil {
		return jobs.Depth{}, fmt.Errorf("asking for the depth of the queue of %s: %w", lane, gone(err))
	}
	var counts [3]int
	for i, name := range []types.QueueAttributeName{visible, inFlight, delayed} {
		value := out.Attributes[string(name)]
		if counts[i], err = strconv.Atoi(value); err != nil {
			return jobs.Depth{}, fmt.Errorf("reading the depth of the queue of %s: %s is %q", lane, name, value)
		}
	}
	return jobs.Depth{Visible: counts[0], InFlight: counts[1], Delayed: counts[2]}, nil
}

const (
	visible  = types.QueueAttributeNameApproximateNumberOfMessages
	inFlight = types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	delayed  = types.QueueAttributeNameApproximateNumberOfMessagesDelayed
)

// gone marks the error of a queue that was deleted as jobs.ErrNoQueue.
func gone(err error) error {
	var missing *types.QueueDoesNotExist
	if errors.As(err, &missing) {
		return fmt.Errorf("%w: %w", jobs.ErrNoQueue, err)
	}
	return err
}
