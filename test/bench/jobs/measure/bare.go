package measure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/settings"
)

// bare makes the AWS calls of jobs and nothing else: what it reaches is what
// the emulator and the SDK leave room for.
type bare struct {
	table  *dynamodb.Client
	queue  *sqs.Client
	put    *dynamodb.PutItemInput
	send   *sqs.SendMessageInput
	claim  *dynamodb.UpdateItemInput
	commit *dynamodb.UpdateItemInput
}

// learnBare takes one job through the programs' own code and keeps the calls
// that it made.
func learnBare(ctx context.Context, c *cloud) (*bare, error) {
	watch := &watcher{}
	d := c.deploy(c.config, watch)
	handler, key, err := newAPI(ctx, d.service)
	if err != nil {
		return nil, err
	}
	if err := submitTo(ctx, handler, key); err != nil {
		return nil, err
	}
	b := &bare{table: dynamostore.NewClient(c.config), queue: sqs.NewFromConfig(c.config), put: watch.put, send: watch.send}
	messages, err := d.queue.Receive(ctx, lanes[1], 1, 0, 0)
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("receiving the one message brought %d: %w", len(messages), err)
	}
	message, err := jobs.ParseMessage(messages[0].Body)
	if err != nil {
		return nil, err
	}
	job, err := d.runner.Claim(ctx, message.ID, "bench")
	if err != nil {
		return nil, err
	}
	b.claim = watch.update
	if _, err := d.runner.Succeed(ctx, job.Held(), jobs.Bytes("application/json", []byte(noResult))); err != nil {
		return nil, err
	}
	b.commit = watch.update
	return b, d.queue.Delete(ctx, lanes[1], []string{messages[0].Receipt})
}

// submit is one put and one send.
func (b *bare) submit(ctx context.Context) error {
	id := uuid.NewString()
	put, send := *b.put, *b.send
	put.Item = maps.Clone(put.Item)
	put.Item[settings.TablePartitionKey] = &types.AttributeValueMemberS{Value: "job#" + id}
	if _, err := b.table.PutItem(ctx, &put); err != nil {
		return err
	}
	send.MessageBody = aws.String(jobs.Message{ID: id}.Body())
	_, err := b.queue.SendMessage(ctx, &send)
	return err
}

// drain receives, updates twice and deletes until so many jobs are done, as
// many at once as the worker has slots.
func (b *bare) drain(ctx context.Context, count int) error {
	var done atomic.Int64
	return inParallel(drainSlots, func() error {
		for int(done.Load()) < count {
			out, err := b.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
				QueueUrl: b.send.QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 32,
				MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameApproximateReceiveCount},
			})
			if err != nil {
				return err
			}
			if len(out.Messages) == 0 {
				return nil
			}
			var receipts []sqstypes.DeleteMessageBatchRequestEntry
			for i, message := range out.Messages {
				if err := b.run(ctx, *message.Body); err != nil {
					return err
				}
				receipts = append(receipts, sqstypes.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle})
			}
			if _, err := b.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: b.send.QueueUrl, Entries: receipts}); err != nil {
				return err
			}
			done.Add(int64(len(receipts)))
		}
		return nil
	})
}

// run is two conditional updates.
func (b *bare) run(ctx context.Context, body string) error {
	message, err := jobs.ParseMessage(body)
	if err != nil {
		return err
	}
	claim, commit := *b.claim, *b.commit
	claim.Key = maps.Clone(claim.Key)
	claim.Key[settings.TablePartitionKey] = &types.AttributeValueMemberS{Value: "job#" + message.ID}
	claimed, err := b.table.UpdateItem(ctx, &claim)
	if err != nil {
		return fmt.Errorf("claiming: %w", err)
	}
	commit.Key = claim.Key
	commit.ExpressionAttributeValues = maps.Clone(commit.ExpressionAttributeValues)
	commit.ExpressionAttributeValues[":created"] = claimed.Attributes[settings.TenantIndexSortKey]
	if _, err := b.table.UpdateItem(ctx, &commit); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// inParallel runs do so many times at once and joins their errors.
func inParallel(times int, do func() error) error {
	var group sync.WaitGroup
	errs := make([]error, times)
	for i := range times {
		group.Go(func() { errs[i] = do() })
	}
	group.Wait()
	return errors.Join(errs...)
}
