package dynamostore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// transactSize is how many items one transaction writes at most
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, 2026-11-24).
const transactSize = 100

// Remove takes away a job that has ended, and all that its attempts left in the
// table, before its time to live does: for tools that clean up behind
// themselves. A job that is not over is a *jobs.StateError with ErrConflict; one
// that has gone is no error.
func (s *Store) Remove(ctx context.Context, id string) error {
	job, err := s.Get(ctx, id)
	if errors.Is(err, jobs.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !job.State.Terminal() {
		return &jobs.StateError{Err: jobs.ErrConflict, Job: job}
	}
	// The trail goes first: without its job nobody would find it again.
	if err := s.removePartition(ctx, id, trailPartition(job.Held())); err != nil {
		return err
	}
	return s.removePartition(ctx, id, jobPrefix+id)
}

func (s *Store) removePartition(ctx context.Context, id, partition string) error {
	query := &dynamodb.QueryInput{
		TableName: s.table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(transactSize),
		KeyConditionExpression:    aws.String(settings.TablePartitionKey + " = :partition"),
		ExpressionAttributeValues: item{":partition": text(partition)},
		ProjectionExpression:      aws.String(settings.TablePartitionKey + ", " + settings.TableSortKey),
	}
	for {
		out, err := s.client.Query(ctx, query)
		if err != nil {
			return failed("removing", id, err)
		}
		var deletes []types.TransactWriteItem
		for _, key := range out.Items {
			deletes = append(deletes, types.TransactWriteItem{Delete: &types.Delete{TableName: s.table, Key: key}})
		}
		if len(deletes) > 0 {
			if _, err := s.transact(ctx, deletes); err != nil {
				return failed("removing", id, fmt.Errorf("%d items: %w", len(deletes), err))
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		query.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
