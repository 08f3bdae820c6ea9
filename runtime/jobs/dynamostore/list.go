package dynamostore

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

// List implements jobs.Lister.
func (s *Store) List(ctx context.Context, tenant string, after *jobs.Position, limit int) ([]jobs.Job, *jobs.Position, error) {
	query := &dynamodb.QueryInput{
		TableName: s.table, IndexName: aws.String(settings.TenantIndex),
		KeyConditionExpression:    aws.String(settings.TenantIndexPartitionKey + " = :tenant"),
		ExpressionAttributeValues: item{":tenant": text(tenant)},
		ScanIndexForward:          aws.Bool(false), Limit: aws.Int32(int32(limit)),
	}
	switch {
	case after == nil:
	case after.ID == "":
		*query.KeyConditionExpression += " AND " + settings.TenantIndexSortKey + " < :created"
		query.ExpressionAttributeValues[":created"] = moment(after.Created)
	default:
		query.ExclusiveStartKey = jobKey(after.ID)
		query.ExclusiveStartKey[settings.TenantIndexPartitionKey] = text(tenant)
		query.ExclusiveStartKey[settings.TenantIndexSortKey] = moment(after.Created)
	}
	out, err := s.client.Query(ctx, query)
	if err != nil {
		return nil, nil, fmt.Errorf("listing the jobs of a tenant: %w", err)
	}
	found, err := s.fetch(ctx, out.Items)
	if err != nil {
		return nil, nil, err
	}
	if len(out.LastEvaluatedKey) == 0 {
		return found, nil, nil
	}
	r := &reading{item: out.LastEvaluatedKey}
	next := &jobs.Position{Created: r.moment(settings.TenantIndexSortKey),
		ID: strings.TrimPrefix(r.text(settings.TablePartitionKey), jobPrefix)}
	return found, next, r.err
}

// fetch reads the jobs that an index named, in its order. One that has gone
// meanwhile is left out.
func (s *Store) fetch(ctx context.Context, named []item) ([]jobs.Job, error) {
	keys := make([]item, 0, len(named))
	for _, index := range named {
		keys = append(keys, item{
			settings.TablePartitionKey: index[settings.TablePartitionKey],
			settings.TableSortKey:      index[settings.TableSortKey],
		})
	}
	items, err := s.batchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	decoded := make(map[string]jobs.Job, len(items))
	var apart []item
	for _, from := range items {
		job, isApart, err := decodeJob(from)
		if err != nil {
			return nil, fmt.Errorf("decoding a listed job: %w", err)
		}
		decoded[jobPrefix+job.ID] = job
		if isApart {
			apart = append(apart, callerKey(job.ID))
		}
	}
	if err := s.addCallers(ctx, decoded, apart); err != nil {
		return nil, err
	}
	found := make([]jobs.Job, 0, len(keys))
	for _, key := range keys {
		if job, ok := decoded[(&reading{item: key}).text(settings.TablePartitionKey)]; ok {
			found = append(found, job)
		}
	}
	return found, nil
}

func (s *Store) addCallers(ctx context.Context, decoded map[string]jobs.Job, keys []item) error {
	callers, err := s.batchGet(ctx, keys)
	if err != nil {
		return err
	}
	words := make(map[string]item, len(callers))
	for _, from := range callers {
		words[(&reading{item: from}).text(settings.TablePartitionKey)] = from
	}
	for _, key := range keys {
		pk := (&reading{item: key}).text(settings.TablePartitionKey)
		if decoded[pk], err = withCaller(decoded[pk], words[pk]); err != nil {
			return err
		}
	}
	return nil
}

// batchSize is how many items one BatchGetItem reads at most
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html, 2026-11-24).
const batchSize = 100

func (s *Store) batchGet(ctx context.Context, keys []item) ([]item, error) {
	var items []item
	for len(keys) > 0 {
		batch := keys[:min(batchSize, len(keys))]
		keys = keys[len(batch):]
		request := map[string]types.KeysAndAttributes{*s.table: {Keys: batch}}
		for attempt := 1; len(request) > 0; attempt++ {
			if attempt > 1 {
				if err := s.wait(ctx, attempt); err != nil {
					return nil, err
				}
			}
			if attempt > maxRepeats {
				return nil, fmt.Errorf("reading %d listed jobs: the table is throttled; try again later", len(batch))
			}
			out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
			if err != nil {
				return nil, fmt.Errorf("reading listed jobs: %w", err)
			}
			items = append(items, out.Responses[*s.table]...)
			request = out.UnprocessedKeys
		}
	}
	return items, nil
}
