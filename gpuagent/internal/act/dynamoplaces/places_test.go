package dynamoplaces_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/act/dynamoplaces"
	"tandem/runtime/settings"
	"tandem/test/dynamolocal"
	"tandem/test/steadyhttp"
)

func TestMain(m *testing.M) { os.Exit(dynamolocal.Run(m)) }

// table is the part of DynamoDB that the breaker uses, in memory.
type table struct {
	mutex sync.Mutex
	items map[string]map[string]types.AttributeValue
	err   error
	// meanwhile runs between a read and the write after it.
	meanwhile func()
}

func keyOf(key map[string]types.AttributeValue) string {
	return key["pk"].(*types.AttributeValueMemberS).Value + "/" + key["sk"].(*types.AttributeValueMemberS).Value
}

func (f *table) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !aws.ToBool(in.ConsistentRead) {
		return nil, errors.New("a breaker reads consistently")
	}
	return &dynamodb.GetItemOutput{Item: f.items[keyOf(in.Key)]}, f.err
}

func (f *table) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if meanwhile := f.meanwhile; meanwhile != nil {
		f.meanwhile = nil
		meanwhile()
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	item := f.items[keyOf(in.Key)]
	expected, conditional := in.ExpressionAttributeValues[":read"].(*types.AttributeValueMemberN)
	stored, exists := item["version"].(*types.AttributeValueMemberN)
	if conditional != exists || exists && stored.Value != expected.Value {
		return nil, &types.ConditionalCheckFailedException{}
	}
	if f.items == nil {
		f.items = map[string]map[string]types.AttributeValue{}
	}
	f.items[keyOf(in.Key)] = map[string]types.AttributeValue{
		"holders": in.ExpressionAttributeValues[":holders"], "version": in.ExpressionAttributeValues[":next"],
	}
	return &dynamodb.UpdateItemOutput{}, nil
}

func local(t *testing.T) dynamoplaces.Options {
	client := dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(dynamolocal.Start(t)), HTTPClient: steadyhttp.New(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	name := "state-" + uuid.NewString()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(settings.TablePartitionKey), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(settings.TableSortKey), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(settings.TablePartitionKey), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(settings.TableSortKey), AttributeType: types.ScalarAttributeTypeS},
		},
	})
	require.NoError(t, err)
	return dynamoplaces.Options{Client: client, Table: name}
}

func TestTheBreakerKeepsItsPromises(t *testing.T) {
	for name, open := range map[string]func(*testing.T) dynamoplaces.Options{
		"in memory":         func(*testing.T) dynamoplaces.Options { return dynamoplaces.Options{Client: &table{}, Table: "state"} },
		"on DynamoDB Local": local,
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
			options := open(t)
			options.Cluster, options.Now = "gpu", func() time.Time { return now }
			promises(t, options, &now)
		})
	}
}

func promises(t *testing.T, options dynamoplaces.Options, now *time.Time) {
	places := dynamoplaces.New(options)
	take := func(holder string, of int) bool {
		taken, err := places.Take(t.Context(), holder, of)
		require.NoError(t, err)
		return taken
	}
	require.True(t, take("a", 2))
	require.True(t, take("b", 2))
	require.False(t, take("c", 2), "all places are taken")
	require.True(t, take("a", 2), "a place is renewed")
	require.True(t, take("a", 1), "also when the cluster has shrunk")
	require.True(t, take("c", 3), "and when it has grown there are more")
	held, err := places.Held(t.Context(), "c")
	require.NoError(t, err)
	require.True(t, held)

	require.NoError(t, places.Leave(t.Context(), "b"))
	require.NoError(t, places.Leave(t.Context(), "b"), "leaving twice is no error")
	require.True(t, take("d", 3))

	*now = now.Add(9 * time.Minute)
	require.True(t, take("a", 3))
	*now = now.Add(2 * time.Minute)
	held, err = places.Held(t.Context(), "c")
	require.NoError(t, err)
	require.False(t, held, "a place that is not renewed runs out")
	require.True(t, take("e", 2))
	require.False(t, take("f", 2), "and one that was renewed does not")

	other := options
	other.Cluster = "another"
	taken, err := dynamoplaces.New(other).Take(t.Context(), "x", 1)
	require.NoError(t, err)
	require.True(t, taken, "each cluster has places of its own")
}

func TestOfManyAtOnceAsManyAsMayGetAPlace(t *testing.T) {
	for name, open := range map[string]func(*testing.T) dynamoplaces.Options{
		"in memory":         func(*testing.T) dynamoplaces.Options { return dynamoplaces.Options{Client: &table{}, Table: "state"} },
		"on DynamoDB Local": local,
	} {
		t.Run(name, func(t *testing.T) {
			options := open(t)
			options.Cluster = "gpu"
			var taken atomic.Int64
			var agents sync.WaitGroup
			for i := range 20 {
				agents.Go(func() {
					for {
						// Those for whom others were faster each time ask again, as agents do.
						got, err := dynamoplaces.New(options).Take(t.Context(), fmt.Sprint("agent-", i), 4)
						if err == nil && got {
							taken.Add(1)
						}
						if err == nil {
							return
						}
					}
				})
			}
			agents.Wait()
			require.EqualValues(t, 4, taken.Load())
		})
	}
}

func TestAPlaceThatSomebodyElseTookMeanwhileIsNotTakenTwice(t *testing.T) {
	client := &table{}
	places := dynamoplaces.New(dynamoplaces.Options{Client: client, Table: "state", Cluster: "gpu"})
	client.meanwhile = func() {
		taken, err := places.Take(t.Context(), "faster", 1)
		require.NoError(t, err)
		require.True(t, taken)
	}
	taken, err := places.Take(t.Context(), "slower", 1)
	require.NoError(t, err)
	require.False(t, taken)
}

func TestATableThatFailsSaysSo(t *testing.T) {
	refused := errors.New("access denied")
	places := dynamoplaces.New(dynamoplaces.Options{Client: &table{err: refused}, Table: "state", Cluster: "gpu"})
	_, err := places.Take(t.Context(), "a", 1)
	require.ErrorIs(t, err, refused)
	require.ErrorContains(t, err, "table state")
	_, err = places.Spare(t.Context())
	require.ErrorIs(t, err, refused)
}

func TestCapacityIsSparedOnlyWhileTheControllerSaysSo(t *testing.T) {
	now := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	client := &table{items: map[string]map[string]types.AttributeValue{}}
	places := dynamoplaces.New(dynamoplaces.Options{Client: client, Table: "state", Cluster: "gpu", Now: func() time.Time { return now }})
	until := func(at time.Time) types.AttributeValue {
		return &types.AttributeValueMemberN{Value: fmt.Sprint(at.UnixMilli())}
	}
	for name, row := range map[string]struct {
		item  map[string]types.AttributeValue
		spare bool
	}{
		"no item is no":              {nil, false},
		"yes for a while":            {map[string]types.AttributeValue{"spare": &types.AttributeValueMemberBOOL{Value: true}, "spareUntil": until(now.Add(time.Minute))}, true},
		"no longer":                  {map[string]types.AttributeValue{"spare": &types.AttributeValueMemberBOOL{Value: true}, "spareUntil": until(now)}, false},
		"no":                         {map[string]types.AttributeValue{"spare": &types.AttributeValueMemberBOOL{}, "spareUntil": until(now.Add(time.Minute))}, false},
		"a yes without an end is no": {map[string]types.AttributeValue{"spare": &types.AttributeValueMemberBOOL{Value: true}}, false},
		"an item of another kind":    {map[string]types.AttributeValue{"spare": &types.AttributeValueMemberS{Value: "true"}, "spareUntil": until(now.Add(time.Minute))}, false},
	} {
		t.Run(name, func(t *testing.T) {
			client.items["agent#gpu/capacity"] = row.item
			spare, err := places.Spare(t.Context())
			require.NoError(t, err)
			require.Equal(t, row.spare, spare)
		})
	}
}
