// Package dynamobudget keeps what tenants spend in the state table, one item a
// tenant and day:
//
//	pk = "spend#<tenant>"   sk = "<day>"   usd   expires
package dynamobudget

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"tandem/runtime/models/budget"
	"tandem/runtime/settings"
)

// Client is what the store calls of DynamoDB.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// keep is how long sums stay, for whoever wants to look at them.
const keep = 40 * 24 * time.Hour

// Store implements budget.Store.
type Store struct {
	client Client
	table  string
}

var _ budget.Store = (*Store)(nil)

// New returns the store of a table.
func New(client Client, table string) *Store { return &Store{client: client, table: table} }

func itemKey(tenant, day string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		settings.TablePartitionKey: &types.AttributeValueMemberS{Value: "spend#" + tenant},
		settings.TableSortKey:      &types.AttributeValueMemberS{Value: day},
	}
}

// Add implements budget.Store. An update that the SDK repeats after its answer
// was lost counts twice: a budget may be short by that, never long.
func (s *Store) Add(ctx context.Context, tenant, day string, usd float64) (float64, error) {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, fmt.Errorf("adding to what tenant %s spent: day %q is not like 2026-11-24", tenant, day)
	}
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: itemKey(tenant, day),
		UpdateExpression:         aws.String("ADD #usd :usd SET #ttl = :ttl"),
		ExpressionAttributeNames: map[string]string{"#usd": "usd", "#ttl": settings.TableTTL},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":usd": &types.AttributeValueMemberN{Value: strconv.FormatFloat(usd, 'f', -1, 64)},
			":ttl": &types.AttributeValueMemberN{Value: strconv.FormatInt(date.Add(keep).Unix(), 10)},
		},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("adding to what tenant %s spent on %s in table %s: %w", tenant, day, s.table, err)
	}
	return sum(out.Attributes)
}

// Total implements budget.Store. The read is eventually consistent: half the
// price, and a second late at the most.
func (s *Store) Total(ctx context.Context, tenant, day string) (float64, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: itemKey(tenant, day)})
	if err != nil {
		return 0, fmt.Errorf("reading what tenant %s spent on %s from table %s: %w", tenant, day, s.table, err)
	}
	if out.Item == nil {
		return 0, nil
	}
	return sum(out.Item)
}

func sum(attributes map[string]types.AttributeValue) (float64, error) {
	number, ok := attributes["usd"].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("attribute usd of a spend item is no number")
	}
	usd, err := strconv.ParseFloat(number.Value, 64)
	if err != nil {
		return 0, fmt.Errorf("attribute usd of a spend item is no number: %w", err)
	}
	return usd, nil
}
