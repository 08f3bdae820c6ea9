// Package dynamostore keeps keys in the state table.
//
// A key is one item, found by its id:
//
//	pk = "key#<id>"   sk = "key"
//
// and one line in a registry, from which keys are listed; both are written in
// one transaction:
//
//	pk = "key#all"    sk = "<id>"
//
// No attribute is called tenant, created or expires: those belong to the
// table's indexes and its time to live (see runtime/settings).
package dynamostore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/keys"
	"tandem/runtime/settings"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps keys in a table.
type Store struct {
	client Client
	table  string
}

var _ keys.Store = (*Store)(nil)

// New returns the store of a table.
func New(client Client, table string) *Store {
	return &Store{client: client, table: table}
}

// Create implements keys.Store.
func (s *Store) Create(ctx context.Context, key keys.Key) error {
	absent := aws.String("attribute_not_exists(" + settings.TablePartitionKey + ")")
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: &s.table, Item: encode(key), ConditionExpression: absent}},
		{Put: &types.Put{TableName: &s.table, Item: registryKey(key.ID)}},
	}})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) && len(cancelled.CancellationReasons) > 0 &&
		aws.ToString(cancelled.CancellationReasons[0].Code) == "ConditionalCheckFailed" {
		return keys.ErrExists
	}
	if err != nil {
		return fmt.Errorf("writing key %s to table %s: %w", key.ID, s.table, err)
	}
	return nil
}

// Get implements keys.Store. The read is strongly consistent, so that a new
// key works at once.
func (s *Store) Get(ctx context.Context, id string) (keys.Key, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: itemKey(id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return keys.Key{}, fmt.Errorf("reading key %s from table %s: %w", id, s.table, err)
	}
	if len(out.Item) == 0 {
		return keys.Key{}, keys.ErrNotFound
	}
	return decode(out.Item)
}

// List implements keys.Store.
func (s *Store) List(ctx context.Context, tenant string) ([]keys.Key, error) {
	var found []keys.Key
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(batchLimit),
		KeyConditionExpression:    aws.String(settings.TablePartitionKey + " = :all"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":all": text(registry)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the keys of table %s: %w", s.table, err)
		}
		batch, err := s.batch(ctx, page.Items)
		if err != nil {
			return nil, err
		}
		for _, key := range batch {
			if tenant == "" || key.Tenant == tenant {
				found = append(found, key)
			}
		}
	}
	slices.SortFunc(found, func(a, b keys.Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// batchLimit is the most that one BatchGetItem takes
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html, 2026-11-24).
const batchLimit = 100

func (s *Store) batch(ctx context.Context, lines []map[string]types.AttributeValue) ([]keys.Key, error) {
	var wanted []map[string]types.AttributeValue
	for _, line := range lines {
		if id, ok := line[settings.TableSortKey].(*types.AttributeValueMemberS); ok {
			wanted = append(wanted, itemKey(id.Value))
		}
	}
	var found []keys.Key
	for len(wanted) > 0 {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			s.table: {Keys: wanted, ConsistentRead: aws.Bool(true)},
		}})
		if err != nil {
			return nil, fmt.Errorf("reading %d keys from table %s: %w", len(wanted), s.table, err)
		}
		for _, item := range out.Responses[s.table] {
			key, err := decode(item)
			if err != nil {
				return nil, err
			}
			found = append(found, key)
		}
		wanted = out.UnprocessedKeys[s.table].Keys
	}
	return found, nil
}

// Revoke implements keys.Store.
func (s *Store) Revoke(ctx context.Context, id string, at time.Time) error {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: itemKey(id),
		ConditionExpression: aws.String("attribute_exists(" + settings.TablePartitionKey + ")"),
		UpdateExpression:    aws.String("SET revokedAt = if_not_exists(revokedAt, :at)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":at": &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)},
		},
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return keys.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("revoking key %s in table %s: %w", id, s.table, err)
	}
	return nil
}
