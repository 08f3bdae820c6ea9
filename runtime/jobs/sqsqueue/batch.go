package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"tandem/runtime/jobs"
)

// batchSize is how many messages one call changes or receives at most
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html, 2026-11-24).
const batchSize = 10

// ChangeVisibility implements jobs.Queue.
func (q *Queue) ChangeVisibility(ctx context.Context, lane jobs.Lane, changes []jobs.VisibilityChange) error {
	url, err := q.url(lane)
	if err != nil {
		return err
	}
	return inBatches(changes, func(batch []jobs.VisibilityChange) error {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, 0, len(batch))
		for i, change := range batch {
			entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(change.Receipt), VisibilityTimeout: seconds(change.For),
			})
		}
		out, err := q.options.Client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: entries})
		if err != nil {
			return fmt.Errorf("changing the visibility of %d messages of %s: %w", len(batch), lane, gone(err))
		}
		return refused("changing the visibility", lane, out.Failed)
	})
}

// Delete implements jobs.Queue.
func (q *Queue) Delete(ctx context.Context, lane jobs.Lane, receipts []string) error {
	url, err := q.url(lane)
	if err != nil {
		return err
	}
	return inBatches(receipts, func(batch []string) error {
		entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(batch))
		for i, receipt := range batch {
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(receipt)})
		}
		out, err := q.options.Client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
		if err != nil {
			return fmt.Errorf("deleting %d messages of %s: %w", len(batch), lane, gone(err))
		}
		return refused("deleting", lane, out.Failed)
	})
}

// refused reports entries that failed on SQS's side. Those that failed on ours
// had receipts that are no longer valid, which is as good as done.
func refused(doing string, lane jobs.Lane, entries []types.BatchResultErrorEntry) error {
	var errs []error
	for _, entry := range entries {
		if !entry.SenderFault {
			errs = append(errs, fmt.Errorf("%s of a message of %s: %s: %s; the next try may do it",
				doing, lane, aws.ToString(entry.Code), aws.ToString(entry.Message)))
		}
	}
	return errors.Join(errs...)
}

// inBatches runs do on all batches at once: a slow call must not let the
// messages of the others come up.
func inBatches[T any](all []T, do func(batch []T) error) error {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		errs  []error
	)
	for batch := range slices.Chunk(all, batchSize) {
		group.Go(func() {
			if err := do(batch); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
