package fleetstatus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/wake/fleetstatus"
)

// fakeTable is a table of items by partition key.
type fakeTable struct {
	items map[string]map[string]types.AttributeValue
	err   error
}

func partition(item map[string]types.AttributeValue) string {
	return item["pk"].(*types.AttributeValueMemberS).Value
}

func (f *fakeTable) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: f.items[partition(in.Key)]}, f.err
}

func (f *fakeTable) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	f.items[partition(in.Item)] = in.Item
	return &dynamodb.PutItemOutput{}, f.err
}

func TestACountIsBelievedForAWhile(t *testing.T) {
	table := &fakeTable{items: map[string]map[string]types.AttributeValue{}}
	at := time.Unix(1e9, 0)
	store := fleetstatus.Store{Client: table, Table: "state", Now: func() time.Time { return at }}

	tasks := func(worker string) int {
		count, err := store.Tasks(t.Context(), worker)
		require.NoError(t, err)
		return count
	}
	require.Zero(t, tasks("analyser"), "nobody has said anything")
	require.NoError(t, store.Save(t.Context(), "analyser", 3))
	require.Equal(t, 3, tasks("analyser"))
	require.Zero(t, tasks("trainer"))
	at = at.Add(3 * time.Minute)
	require.Equal(t, 3, tasks("analyser"))
	at = at.Add(time.Second)
	require.Zero(t, tasks("analyser"), "the controller has been away")

	table.err = errors.New("throttled")
	_, err := store.Tasks(t.Context(), "analyser")
	require.ErrorContains(t, err, "worker analyser has: throttled")
	require.ErrorContains(t, store.Save(t.Context(), "analyser", 1), "throttled")
}
