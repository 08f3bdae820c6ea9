package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/jobs"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Options configure a [Store].
type Options struct {
	// Client is required; NewClient makes one.
	Client Client
	// Table is required: the name of the state table.
	Table string
	// Wait between repeated calls where the SDK does not repeat by itself.
	// Defaults to sleeping 20 ms times the number of the attempt.
	Wait func(ctx context.Context, attempt int) error
}

// Store implements [jobs.Store]. It is safe for concurrent use.
type Store struct {
	client Client
	table  *string
	wait   func(ctx context.Context, attempt int) error
}

var _ jobs.Store = (*Store)(nil)

// NewClient makes a client that also repeats writes that met a transaction on
// the same job, which the SDK by itself reports as errors.
func NewClient(config aws.Config, options ...func(*dynamodb.Options)) *dynamodb.Client {
	repeat := func(o *dynamodb.Options) {
		o.Retryer = retry.AddWithErrorCodes(o.Retryer, (*types.TransactionConflictException)(nil).ErrorCode())
	}
	return dynamodb.NewFromConfig(config, append([]func(*dynamodb.Options){repeat}, options...)...)
}

// New makes a Store.
func New(options Options) *Store {
	if options.Wait == nil {
		options.Wait = wait
	}
	return &Store{client: options.Client, table: aws.String(options.Table), wait: options.Wait}
}

// maxRepeats bounds calls that the SDK does not repeat by itself.
const maxRepeats = 8

func wait(ctx context.Context, attempt int) error {
	timer := time.NewTimer(time.Duration(attempt) * 20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// failed wraps an error with what was being done.
func failed(doing, id string, err error) error { return fmt.Errorf("%s job %s: %w", doing, id, err) }

// refusedBy returns the item that made a condition fail, empty if there was
// none; false for any other error.
func refusedBy(err error) (map[string]types.AttributeValue, bool) {
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) {
		return nil, false
	}
	return refused.Item, true
}
