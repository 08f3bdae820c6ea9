// Package fleetstatus keeps in the state table how many tasks each worker has,
// as the capacity controller saw it last: one small item a worker, which the
// controller writes and the API reads before it wakes anybody.
//
//	pk = "fleet#<worker>"   sk = "tasks"
package fleetstatus

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/settings"
	"tandem/runtime/wake"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Store keeps counts of tasks.
type Store struct {
	// Client and Table are required.
	Client Client
	Table  string
	// Now defaults to time.Now.
	Now func() time.Time
}

var _ wake.Fleet = Store{}

// stale is when a count is no longer believed: the controller, which writes
// each minute, has been away.
const stale = 3 * time.Minute

// Save keeps a worker's tasks, those that run or have been asked for.
func (s Store) Save(ctx context.Context, worker string, tasks int) error {
	item := key(worker)
	item["tasks"] = number(int64(tasks))
	item["seen"] = number(s.now().Unix())
	if _, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Table, Item: item}); err != nil {
		return fmt.Errorf("writing how many tasks worker %s has: %w", worker, err)
	}
	return nil
}

// Tasks implements wake.Fleet. An unknown or stale count is none, so that the
// fleet is rather woken once too often.
func (s Store) Tasks(ctx context.Context, worker string) (int, error) {
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.Table, Key: key(worker)})
	if err != nil {
		return 0, fmt.Errorf("reading how many tasks worker %s has: %w", worker, err)
	}
	seen := time.Unix(read(out.Item, "seen"), 0)
	if s.now().Sub(seen) > stale {
		return 0, nil
	}
	return int(read(out.Item, "tasks")), nil
}

func (s Store) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func key(worker string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		settings.TablePartitionKey: &types.AttributeValueMemberS{Value: "fleet#" + worker},
		settings.TableSortKey:      &types.AttributeValueMemberS{Value: "tasks"},
	}
}

func number(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

// read is 0 for what is absent or malformed.
func read(item map[string]types.AttributeValue, name string) int64 {
	member, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, _ := strconv.ParseInt(member.Value, 10, 64)
	return value
}
