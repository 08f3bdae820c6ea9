package dynamorecords

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

var _ documents.Moves = Records{}

// Moved implements documents.Moves.
func (r Records) Moved(ctx context.Context) ([]documents.Move, error) {
	query := &dynamodb.QueryInput{
		TableName: &r.Table, KeyConditionExpression: aws.String("#pk = :pk"),
		ExpressionAttributeNames:  map[string]string{"#pk": settings.TablePartitionKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(r.movedPartition())},
	}
	var moves []documents.Move
	for pages := dynamodb.NewQueryPaginator(r.Client, query); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the documents of %s that wait for jobs: %w", r.Trigger, err)
		}
		for _, item := range page.Items {
			moves = append(moves, documents.Move{Source: sourceOf(item), Job: wordsOf(item, "job")})
		}
	}
	return moves, nil
}

// Settle implements documents.Moves.
func (r Records) Settle(ctx context.Context, move documents.Move, outcome documents.Outcome) error {
	err := r.transact(ctx,
		types.TransactWriteItem{Update: &types.Update{
			TableName: &r.Table, Key: r.key(move.Source),
			ConditionExpression: aws.String("#state = :moved AND #job = :job"),
			UpdateExpression:    aws.String("SET #state = :state, #result = :result, #reason = :reason, #ended = :now"),
			ExpressionAttributeNames: map[string]string{
				"#state": "state", "#result": "result", "#job": "job", "#reason": "reason", "#ended": "ended",
			},
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":moved": text(string(documents.Moved)), ":job": text(move.Job), ":state": text(string(outcome.State)),
				":result": text(outcome.Result), ":reason": text(cut(outcome.Reason)), ":now": millis(r.now()),
			},
		}},
		types.TransactWriteItem{Delete: &types.Delete{TableName: &r.Table, Key: r.markerKey(move.Source)}})
	switch {
	case refused(err):
		// Somebody was faster, or the record is gone: then nothing waits here.
		return r.forget(ctx, move)
	case err != nil:
		return fmt.Errorf("recording what became of %s: %w", move.Source.Key, err)
	default:
		return nil
	}
}

// forget removes the marker of a move that is over, unless it is another move's
// by now.
func (r Records) forget(ctx context.Context, move documents.Move) error {
	err := r.transact(ctx, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &r.Table, Key: r.markerKey(move.Source), ConditionExpression: aws.String("#job = :job"),
		ExpressionAttributeNames:  map[string]string{"#job": "job"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":job": text(move.Job)},
	}})
	if err != nil && !refused(err) {
		return fmt.Errorf("forgetting that %s waits for a job: %w", move.Source.Key, err)
	}
	return nil
}

// marker is the item by which a source is found that waits for a job.
func (r Records) marker(source documents.Source, job string) *types.Put {
	item := r.markerKey(source)
	item["bucket"], item["key"], item["version"], item["size"] = text(source.Bucket), text(source.Key), text(source.Version), number(source.Size)
	item["job"], item[settings.TableTTL] = text(job), number(r.now().Add(r.keep()).Unix())
	return &types.Put{TableName: &r.Table, Item: item}
}

func (r Records) markerKey(source documents.Source) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{settings.TablePartitionKey: text(r.movedPartition()), settings.TableSortKey: text(source.ID())}
}

func (r Records) movedPartition() string { return "document-moved#" + r.Trigger }

func (r Records) transact(ctx context.Context, items ...types.TransactWriteItem) error {
	_, err := r.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

// refused tells that a condition was not met. A transaction that met another at
// the same item is not: it is tried again.
func refused(err error) bool {
	var failed *types.ConditionalCheckFailedException
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, reason := range cancelled.CancellationReasons {
			if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
				return true
			}
		}
	}
	return errors.As(err, &failed)
}
