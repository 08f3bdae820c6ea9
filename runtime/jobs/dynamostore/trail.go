package dynamostore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
	"tandem/runtime/settings"
)

const (
	trailPrefix    = "trail#"
	stepPrefix     = "step#"
	checkpointSort = "checkpoint"

	aPayload = "pl"
	aStored  = "stor"
)

func trailPartition(held jobs.Held) string {
	return trailPrefix + held.ID + "#" + strconv.FormatInt(held.Created.UnixMilli(), 36)
}

func trailKey(held jobs.Held, sort string) item {
	return item{settings.TablePartitionKey: text(trailPartition(held)), settings.TableSortKey: text(sort)}
}

// ifRunning makes a transaction hold only while the attempt has its say.
func (s *Store) ifRunning(held jobs.Held) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: s.table, Key: jobKey(held.ID),
		ConditionExpression: aws.String(ifHeld), ExpressionAttributeValues: heldValues(held),
	}}
}

// PutStep implements jobs.Trail.
func (s *Store) PutStep(ctx context.Context, held jobs.Held, step jobs.Step) (jobs.Step, bool, error) {
	reasons, err := s.transact(ctx, []types.TransactWriteItem{s.ifRunning(held), {Put: &types.Put{
		TableName: s.table, Item: encodeStep(held, step),
		ConditionExpression:                 aws.String("attribute_not_exists(" + settings.TablePartitionKey + ")"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}})
	switch {
	case err != nil:
		return jobs.Step{}, false, failed("storing a step of", held.ID, err)
	case reasons == nil:
		return step, true, nil
	case conditionFailed(reasons[0]):
		return jobs.Step{}, false, jobs.ErrLeaseLost
	}
	stored, err := decodeStep(reasons[1].Item)
	return stored, false, err
}

func encodeStep(held jobs.Held, step jobs.Step) item {
	to := trailKey(held, stepPrefix+step.Key)
	setPayload(to, aPayload, step.Result)
	to[aFence] = number(step.Fence)
	setMoment(to, aStored, step.Stored)
	to[settings.TableTTL] = number(step.ExpiresAt.Unix())
	return to
}

func decodeStep(from item) (jobs.Step, error) {
	r := &reading{item: from}
	key, found := strings.CutPrefix(r.text(settings.TableSortKey), stepPrefix)
	if !found {
		return jobs.Step{}, fmt.Errorf("decoding a step: %w", errDamaged)
	}
	step := jobs.Step{Key: key, Result: r.payload(aPayload), Fence: r.number(aFence),
		Stored: r.moment(aStored), ExpiresAt: r.expiry()}
	if r.err != nil {
		return jobs.Step{}, fmt.Errorf("decoding step %s: %w", key, r.err)
	}
	return step, nil
}

// GetStep implements jobs.Trail.
func (s *Store) GetStep(ctx context.Context, held jobs.Held, key string) (jobs.Step, bool, error) {
	from, err := s.read(ctx, held, stepPrefix+key)
	if err != nil || from == nil {
		return jobs.Step{}, false, err
	}
	step, err := decodeStep(from)
	return step, err == nil, err
}

// ListSteps implements jobs.Trail.
func (s *Store) ListSteps(ctx context.Context, held jobs.Held, after string, limit int) ([]jobs.Step, error) {
	items, err := s.between(ctx, held, stepPrefix, stepPrefix+after, limit)
	if err != nil {
		return nil, err
	}
	steps := make([]jobs.Step, 0, len(items))
	for _, from := range items {
		step, err := decodeStep(from)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// PutCheckpoint implements jobs.Trail.
func (s *Store) PutCheckpoint(ctx context.Context, held jobs.Held, checkpoint jobs.Checkpoint) error {
	to := trailKey(held, checkpointSort)
	setPayload(to, aPayload, checkpoint.Data)
	to[aFence] = number(checkpoint.Fence)
	setMoment(to, aStored, checkpoint.Saved)
	to[settings.TableTTL] = number(checkpoint.ExpiresAt.Unix())
	reasons, err := s.transact(ctx, []types.TransactWriteItem{s.ifRunning(held), {Put: &types.Put{TableName: s.table, Item: to}}})
	switch {
	case err != nil:
		return failed("saving a checkpoint of", held.ID, err)
	case reasons != nil:
		return jobs.ErrLeaseLost
	default:
		return nil
	}
}

// GetCheckpoint implements jobs.Trail.
func (s *Store) GetCheckpoint(ctx context.Context, held jobs.Held) (jobs.Checkpoint, bool, error) {
	from, err := s.read(ctx, held, checkpointSort)
	if err != nil || from == nil {
		return jobs.Checkpoint{}, false, err
	}
	r := &reading{item: from}
	checkpoint := jobs.Checkpoint{Data: r.payload(aPayload), Fence: r.number(aFence),
		Saved: r.moment(aStored), ExpiresAt: r.expiry()}
	if r.err != nil {
		return jobs.Checkpoint{}, false, failed("decoding the checkpoint of", held.ID, r.err)
	}
	return checkpoint, true, nil
}

// read returns one item of the trail, nil if there is none.
func (s *Store) read(ctx context.Context, held jobs.Held, sort string) (item, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: s.table, Key: trailKey(held, sort), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, failed("reading "+sort+" of", held.ID, err)
	}
	if len(out.Item) == 0 {
		return nil, nil
	}
	return out.Item, nil
}

// between returns up to limit items whose sort key begins with prefix and lies after a key.
func (s *Store) between(ctx context.Context, held jobs.Held, prefix, after string, limit int) ([]item, error) {
	query := &dynamodb.QueryInput{
		TableName: s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String(settings.TablePartitionKey + " = :trail AND " +
			settings.TableSortKey + " BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":trail": text(trailPartition(held)),
			// The least string above after, and the least above all that have the prefix.
			":from": text(after + "\x00"), ":to": text(prefix[:len(prefix)-1] + "$"),
		},
	}
	var items []item
	for len(items) < limit {
		query.Limit = aws.Int32(int32(limit - len(items)))
		out, err := s.client.Query(ctx, query)
		if err != nil {
			return nil, failed("reading the trail of", held.ID, err)
		}
		items = append(items, out.Items...)
		if len(out.LastEvaluatedKey) == 0 {
			break
		}
		query.ExclusiveStartKey = out.LastEvaluatedKey
	}
	return items, nil
}
