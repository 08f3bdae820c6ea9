package dynamostore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// FindQueued implements jobs.Finder.
func (s *Store) FindQueued(ctx context.Context, lane jobs.Lane, page jobs.Scan) (jobs.Found, error) {
	return s.find(ctx, queuedPartition(lane, page.Shard), page, func(job jobs.Job) bool { return job.State == jobs.Queued })
}

// FindRunning implements jobs.Finder.
func (s *Store) FindRunning(ctx context.Context, page jobs.Scan) (jobs.Found, error) {
	return s.find(ctx, runningPartition(page.Shard), page, func(job jobs.Job) bool { return job.State == jobs.Running })
}

// FindPendingWebhooks implements jobs.Finder.
func (s *Store) FindPendingWebhooks(ctx context.Context, page jobs.Scan) (jobs.Found, error) {
	return s.find(ctx, webhookPartition(page.Shard), page, func(job jobs.Job) bool {
		return job.Webhook.State == jobs.DeliveryPending
	})
}

// find reads a page of a partition of the index by state. The index lags
// behind the items: what has moved on is left out.
func (s *Store) find(ctx context.Context, partition string, page jobs.Scan, still func(jobs.Job) bool) (jobs.Found, error) {
	query := &dynamodb.QueryInput{
		TableName: s.table, IndexName: aws.String(settings.StateIndex),
		KeyConditionExpression:    aws.String(settings.StateIndexPartitionKey + " = :shard"),
		ExpressionAttributeValues: item{":shard": text(partition)},
		Limit:                     aws.Int32(int32(min(page.Limit, batchSize))),
	}
	if !page.Overdue.IsZero() {
		*query.KeyConditionExpression += " AND " + settings.StateIndexSortKey + " < :overdue"
		query.ExpressionAttributeValues[":overdue"] = text("d" + digits(page.Overdue.Add(time.Millisecond)))
	}
	if page.After != "" {
		due, id, found := strings.Cut(page.After, "#")
		if !found {
			return jobs.Found{}, fmt.Errorf("going on with a scan of %s: %q is not a place in it", partition, page.After)
		}
		query.ExclusiveStartKey = jobKey(id)
		query.ExclusiveStartKey[settings.StateIndexPartitionKey] = text(partition)
		query.ExclusiveStartKey[settings.StateIndexSortKey] = text(due)
	}
	out, err := s.client.Query(ctx, query)
	if err != nil {
		return jobs.Found{}, fmt.Errorf("scanning %s: %w", partition, err)
	}
	fetched, err := s.fetch(ctx, out.Items)
	if err != nil {
		return jobs.Found{}, err
	}
	var found jobs.Found
	for _, job := range fetched {
		if still(job) {
			found.Jobs = append(found.Jobs, job)
		}
	}
	if len(out.LastEvaluatedKey) > 0 {
		r := &reading{item: out.LastEvaluatedKey}
		found.Next = r.text(settings.StateIndexSortKey) + "#" + strings.TrimPrefix(r.text(settings.TablePartitionKey), jobPrefix)
		return found, r.err
	}
	return found, nil
}
