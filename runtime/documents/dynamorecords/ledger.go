package dynamorecords

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

// LedgerClient is what a Ledger calls of DynamoDB.
type LedgerClient interface {
	Client
	Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Ledger implements documents.Ledger for one trigger.
type Ledger struct {
	// Client, Table and Trigger are required.
	Client  LedgerClient
	Table   string
	Trigger string
}

var _ documents.Ledger = Ledger{}

// List implements documents.Ledger.
func (l Ledger) List(ctx context.Context, states ...documents.State) ([]documents.Record, error) {
	query := &dynamodb.QueryInput{
		TableName: &l.Table, KeyConditionExpression: aws.String("#pk = :pk"),
		ExpressionAttributeNames:  map[string]string{"#pk": settings.TablePartitionKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text("document#" + l.Trigger)},
	}
	if len(states) > 0 {
		names := make([]string, len(states))
		for i, state := range states {
			names[i] = ":state" + strconv.Itoa(i)
			query.ExpressionAttributeValues[names[i]] = text(string(state))
		}
		query.ExpressionAttributeNames["#state"] = "state"
		query.FilterExpression = aws.String("#state IN (" + strings.Join(names, ", ") + ")")
	}
	var found []documents.Record
	for pages := dynamodb.NewQueryPaginator(l.Client, query); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the documents of %s: %w", l.Trigger, err)
		}
		for _, item := range page.Items {
			found = append(found, record(item))
		}
	}
	return found, nil
}

func record(item map[string]types.AttributeValue) documents.Record {
	r := documents.Record{
		Source: sourceOf(item), State: documents.State(wordsOf(item, "state")), Attempts: int(countOf(item, "attempts")),
		Result: wordsOf(item, "result"), Job: wordsOf(item, "job"), Reason: wordsOf(item, "reason"),
	}
	if ended := countOf(item, "ended"); ended > 0 {
		r.Ended = time.UnixMilli(ended).UTC()
	}
	return r
}

func sourceOf(item map[string]types.AttributeValue) documents.Source {
	return documents.Source{Bucket: wordsOf(item, "bucket"), Key: wordsOf(item, "key"), Version: wordsOf(item, "version"), Size: countOf(item, "size")}
}

// wordsOf and countOf are empty for what is absent or malformed.
func wordsOf(item map[string]types.AttributeValue, name string) string {
	value, _ := item[name].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}

func countOf(item map[string]types.AttributeValue, name string) int64 {
	value, _ := item[name].(*types.AttributeValueMemberN)
	if value == nil {
		return 0
	}
	n, _ := strconv.ParseInt(value.Value, 10, 64) // what is no number counts as none
	return n
}

// Reopen implements documents.Ledger.
func (l Ledger) Reopen(ctx context.Context, source documents.Source) error {
	_, err := l.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.Table, Key: Records{Trigger: l.Trigger}.key(source),
		ConditionExpression:      aws.String("#state = :failed"),
		UpdateExpression:         aws.String("SET #state = :retry, #attempts = :none ADD #reopened :one"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#attempts": "attempts", "#reopened": "reopened"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":failed": text(string(documents.Failed)), ":retry": text(string(documents.Retry)), ":none": number(0), ":one": number(1),
		},
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return documents.ErrDone
	}
	if err != nil {
		return fmt.Errorf("reopening %s: %w", source.Key, err)
	}
	return nil
}
