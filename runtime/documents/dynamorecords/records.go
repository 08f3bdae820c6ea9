// Package dynamorecords keeps in the state table what became of each document:
//
//	pk = "document#<trigger>"         sk = "<id of the source>"
//	pk = "document-moved#<trigger>"   sk = "<id of the source>"
//
// so that one query lists a trigger's documents, the failed ones among them, and
// another those that wait for jobs. The second item of a document comes and goes
// in one transaction with the state moved.
package dynamorecords

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

// Client is what the records call of DynamoDB.
type Client interface {
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Records implements documents.Records for one trigger.
type Records struct {
	// Client, Table and Trigger are required.
	Client  Client
	Table   string
	Trigger string
	// Keep is how long a record stays. Defaults to 90 days.
	Keep time.Duration
	// Now defaults to time.Now.
	Now func() time.Time
	// Token returns a new text that no other attempt has. Defaults to rand.Text.
	Token func() string
}

var _ documents.Records = Records{}

// Begin implements documents.Records.
func (r Records) Begin(ctx context.Context, source documents.Source, until time.Time) (documents.Attempt, error) {
	now, token := r.now(), r.token()
	out, err := r.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &r.Table, Key: r.key(source), ReturnValues: types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ConditionExpression:                 aws.String("attribute_not_exists(#pk) OR #state = :retry OR (#state = :running AND #until <= :now)"),
		UpdateExpression: aws.String("SET #state = :running, #until = :until, #key = :key, #version = :version, #bucket = :bucket, #size = :size, #token = :token, #expires = :expires " +
			"REMOVE #reason ADD #attempts :one"),
		ExpressionAttributeNames: map[string]string{
			"#pk": settings.TablePartitionKey, "#state": "state", "#until": "until", "#key": "key", "#version": "version", "#bucket": "bucket", "#size": "size",
			"#expires": settings.TableTTL, "#reason": "reason", "#attempts": "attempts", "#token": "token",
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":retry": text(string(documents.Retry)), ":running": text(running), ":now": millis(now), ":until": millis(until),
			":key": text(source.Key), ":version": text(source.Version), ":bucket": text(source.Bucket), ":size": number(source.Size), ":one": number(1), ":token": text(token), ":expires": number(now.Add(r.keep()).Unix()),
		},
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		// The answer was lost and the call made again: it met its own attempt.
		if wordsOf(refused.Item, "token") == token {
			return attemptOf(refused.Item, source)
		}
		if wordsOf(refused.Item, "state") == running {
			return documents.Attempt{}, documents.ErrBusy
		}
		return documents.Attempt{}, documents.ErrDone
	}
	if err != nil {
		return documents.Attempt{}, fmt.Errorf("recording that %s is being analysed: %w", source.Key, err)
	}
	return attemptOf(out.Attributes, source)
}

func attemptOf(item map[string]types.AttributeValue, source documents.Source) (documents.Attempt, error) {
	attempt := documents.Attempt{Number: int(countOf(item, "attempts")), Reopened: int(countOf(item, "reopened"))}
	if attempt.Number == 0 {
		return attempt, fmt.Errorf("recording that %s is being analysed: the record counts no attempts", source.Key)
	}
	return attempt, nil
}

// End implements documents.Records. What has ended for good is not changed by an
// attempt that was thought to be dead.
func (r Records) End(ctx context.Context, source documents.Source, outcome documents.Outcome) error {
	update := types.Update{
		TableName: &r.Table, Key: r.key(source),
		ConditionExpression: aws.String("#state IN (:running, :retry)"),
		UpdateExpression:    aws.String("SET #state = :state, #result = :result, #job = :job, #reason = :reason, #ended = :now"),
		ExpressionAttributeNames: map[string]string{
			"#state": "state", "#result": "result", "#job": "job", "#reason": "reason", "#ended": "ended",
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":running": text(running), ":retry": text(string(documents.Retry)), ":state": text(string(outcome.State)),
			":result": text(outcome.Result), ":job": text(outcome.Job), ":reason": text(cut(outcome.Reason)), ":now": millis(r.now()),
		},
	}
	var err error
	if outcome.State == documents.Moved {
		err = r.transact(ctx, types.TransactWriteItem{Update: &update}, types.TransactWriteItem{Put: r.marker(source, outcome.Job)})
	} else {
		_, err = r.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: update.TableName, Key: update.Key, ConditionExpression: update.ConditionExpression, UpdateExpression: update.UpdateExpression,
			ExpressionAttributeNames: update.ExpressionAttributeNames, ExpressionAttributeValues: update.ExpressionAttributeValues,
		})
	}
	if err != nil && !refused(err) {
		return fmt.Errorf("recording what became of %s: %w", source.Key, err)
	}
	return nil
}

const running = string(documents.Running)

func (r Records) key(source documents.Source) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		settings.TablePartitionKey: text("document#" + r.Trigger), settings.TableSortKey: text(source.ID()),
	}
}

func (r Records) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

func (r Records) token() string {
	if r.Token == nil {
		return rand.Text()
	}
	return r.Token()
}

func (r Records) keep() time.Duration {
	if r.Keep == 0 {
		return 90 * 24 * time.Hour
	}
	return r.Keep
}

// maxReason keeps the record within the kilobyte by which writes are billed.
const maxReason = 300

func cut(reason string) string { return reason[:min(len(reason), maxReason)] }

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

func millis(at time.Time) types.AttributeValue { return number(at.UnixMilli()) }
